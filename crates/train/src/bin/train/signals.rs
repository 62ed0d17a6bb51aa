//! Signals that end training: the first one after the current step, a second
//! one at once.

use anyhow::anyhow;
use shoebox_artifact::console::tell;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1},
    iterator::Signals,
    low_level,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    thread,
};

/// `EX_TEMPFAIL` of sysexits.h: try again, here with `--resume`.
const RESUME_ME: u8 = 75;

/// What has come so far.
#[derive(Debug, Clone, Default)]
pub struct Interrupts {
    /// Set by the first signal.
    pub flag: Arc<AtomicBool>,
    first: Arc<AtomicI32>,
}

impl Interrupts {
    /// Listens from now on.
    pub fn listen() -> anyhow::Result<Self> {
        let interrupts = Self::default();
        let ours = interrupts.clone();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGUSR1])
            .map_err(|error| anyhow!("cannot listen for signals: {error}"))?;
        thread::spawn(move || {
            for signal in signals.forever() {
                ours.take(signal);
            }
        });
        Ok(interrupts)
    }

    fn take(&self, signal: i32) {
        if self.flag.swap(true, Ordering::Relaxed) {
            // Without destructors: a step that is at work needs what they take away.
            low_level::exit(128 + signal);
        }
        self.first.store(signal, Ordering::Relaxed);
        let second = if signal == SIGINT { "Ctrl-C again" } else { "a second signal" };
        tell(format_args!("\nending after this step; {second} ends at once"));
    }

    /// The exit status of a training that a signal has ended. Who sends SIGTERM
    /// or SIGUSR1 takes the machine away, and wants the work done elsewhere or
    /// later; who presses Ctrl-C may not.
    pub fn status(&self) -> u8 {
        match self.first.load(Ordering::Relaxed) {
            SIGTERM | SIGUSR1 => RESUME_ME,
            _ => 1,
        }
    }
}
