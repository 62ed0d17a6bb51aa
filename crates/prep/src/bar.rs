//! A progress bar on stderr, which is not there when stderr is no terminal.

use indicatif::{ProgressBar, ProgressStyle};
use shoebox_prep::Progress;

/// Shows one bar after the other on the same line.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
}

impl Default for Bar {
    fn default() -> Self {
        let bar = ProgressBar::no_length();
        let style = ProgressStyle::with_template("{msg:16} {bar:32} {pos}/{len} {per_sec} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }
}

impl Progress for Bar {
    fn start(&self, work: &str, count: u64) {
        self.bar.reset();
        self.bar.set_length(count);
        self.bar.set_message(work.to_owned());
    }

    fn advance(&self) {
        self.bar.inc(1);
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        // An error message should not stand behind half a bar.
        self.bar.finish_and_clear();
    }
}
