//! What the person at the screen sees; all of it goes to stderr.

use indicatif::{ProgressBar, ProgressStyle};
use shoebox_artifact::console::tell;
use shoebox_train::{
    EpochSummary, HeadEpoch, Means, Observer, Resumption, RunStart, StepProgress, summary,
};

/// Prints the network, a bar for the running epoch and a line for each ended one.
#[derive(Debug)]
pub struct Screen {
    bar: ProgressBar,
    /// Whether the network was shown: the runs of a campaign all have the same.
    told: bool,
}

impl Screen {
    pub fn new() -> Self {
        // indicatif draws nothing when stderr is no terminal.
        let bar = ProgressBar::no_length();
        let style =
            ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len}, {msg}, {eta} left");
        // The template is constant and of indicatif's own syntax.
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, told: false }
    }

    /// Shows `done` of `all` of what `name` says.
    pub fn count(&mut self, name: &'static str, done: u32, all: u32, message: String) {
        if done == 1 {
            self.bar.reset();
            self.bar.set_length(all.into());
            self.bar.set_prefix(name);
        }
        self.bar.set_message(message);
        self.bar.set_position(done.into());
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Screen {
    fn start(&mut self, start: &RunStart<'_>) {
        let [train, val] = start.samples;
        if !std::mem::replace(&mut self.told, true) {
            tell(summary(start.plan, start.groups));
            if !start.sources_present {
                tell(
                    "note: the pictures behind the cache are not on this machine; the cache is used as it is",
                );
            }
        }
        tell(format_args!(
            "{train} training and {val} val pictures; {} with {} threads",
            start.device, start.threads
        ));
        if let Some(size) = start.auto_batch_size {
            tell(format_args!("train.batch_size: auto is {size} on {}", start.device));
        }
        tell(format_args!("run {}", start.run.path().display()));
        start.resumed.into_iter().for_each(tell_where);
    }

    fn features(&mut self, done: usize, all: usize) {
        if self.bar.prefix() != "features" {
            self.bar.reset();
            self.bar.set_prefix("features");
            self.bar.set_length(all as u64);
        }
        self.bar.set_position(done as u64);
    }

    fn head_epoch(&mut self, head: &HeadEpoch) {
        let HeadEpoch { epoch, epochs, means: Means { loss, accuracy } } = head;
        let line = format!("head  {epoch:>3}/{epochs}  loss {loss:.4}  accuracy {accuracy:.3}");
        self.bar.suspend(|| tell(line));
    }

    fn step(&mut self, progress: &StepProgress) {
        if progress.step == 1 {
            self.bar.reset();
            self.bar.set_length(progress.steps as u64);
            self.bar.set_prefix(format!("epoch {}", progress.epoch));
        }
        if let Some(Means { loss, accuracy }) = progress.means {
            self.bar.set_message(format!("loss {loss:.4}, accuracy {accuracy:.3}"));
        }
        self.bar.set_position(progress.step as u64);
    }

    fn epoch(&mut self, epoch: &EpochSummary) {
        let line = format!(
            "epoch {:>3}/{}  loss {:.4}  accuracy {:.3}  val_loss {:.4}  val_accuracy {:.3}  lr {:.3e}  {:.1} s  {:.0} images/s  data wait {:.1} %{}",
            epoch.epoch,
            epoch.epochs,
            epoch.loss,
            epoch.accuracy,
            epoch.val_loss,
            epoch.val_accuracy,
            epoch.learning_rate,
            epoch.seconds,
            epoch.images_per_second,
            100.0 * epoch.data_wait,
            if epoch.is_best { "  best" } else { "" },
        );
        self.bar.suspend(|| tell(line));
    }
}

/// Says where a run goes on, and what is otherwise than before.
fn tell_where(resumed: &Resumption) {
    let Resumption { epoch, batches, spec_changes, circumstances } = resumed;
    tell(match (epoch, batches) {
        (0, 0) => "begins anew: it had not come to a checkpoint".to_owned(),
        (epoch, 0) => format!("goes on after epoch {epoch}"),
        (epoch, batches) => format!("goes on after batch {batches} of epoch {}", epoch + 1),
    });
    for change in spec_changes {
        tell(format_args!("note: {change}"));
    }
    if !circumstances.is_empty() {
        tell(format_args!(
            "note: {}; from here on, figures may differ in their last digits from those of a run that was never interrupted",
            circumstances.join(", ")
        ));
    }
}
