//! Ranks that run, and how they are brought to an end together.

use crate::{LaunchError, RESUME_ME, status};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::{
    ffi::OsString,
    io,
    os::{fd::AsFd, unix::process::CommandExt},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How many times the grace time ranks have to end where all know that they should.
const PATIENCE: u32 = 10;

/// What is being done about ranks that still run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing: no rank has failed.
    None,
    /// They know, and have until then to end by themselves.
    Known(Instant),
    /// They got a SIGTERM, and have until then.
    Asked(Instant),
    /// They got a SIGKILL.
    Forced,
}

/// The ranks of this machine. Those that still run when it is dropped are killed.
pub(super) struct Running {
    /// In order of rank; `None` once ended.
    ranks: Vec<Option<Child>>,
    grace: Duration,
    ending: Ending,
    /// Whether a signal was passed on.
    is_told: bool,
    status: u8,
}

impl Running {
    pub fn new(grace: Duration) -> Self {
        Self { ranks: Vec::new(), grace, ending: Ending::None, is_told: false, status: 0 }
    }

    /// Starts the next rank, in a process group of its own.
    pub fn start(
        &mut self,
        program: &Path,
        arguments: &[OsString],
        variables: &[(&'static str, String)],
    ) -> Result<(), LaunchError> {
        let rank = self.ranks.len();
        let failed = |source| {
            LaunchError::system(format!("start rank {rank}, {}", program.display()))(source)
        };
        let mut command = Command::new(program);
        command.args(arguments).envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).process_group(0);
        if rank > 0 {
            let stderr = io::stderr().as_fd().try_clone_to_owned().map_err(failed)?;
            command.stdout(stderr);
        }
        self.ranks.push(Some(command.spawn().map_err(failed)?));
        Ok(())
    }

    /// Notes which ranks have ended, and does what is due about the others.
    /// Whether any is left.
    pub fn look(&mut self) -> Result<bool, LaunchError> {
        for ended in self.reap()? {
            self.note(ended);
        }
        self.act(Instant::now());
        Ok(self.ranks.iter().any(Option::is_some))
    }

    pub fn pass_on(&mut self, signal: i32) {
        self.is_told = true;
        if let Some(signal) = Signal::from_named_raw(signal) {
            self.send(signal);
        }
    }

    /// The status to end with.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// The statuses of ranks that have ended since the last call, those that a
    /// signal has ended first: they are why others fail at the same moment.
    fn reap(&mut self) -> Result<Vec<u8>, LaunchError> {
        let mut statuses = Vec::new();
        for rank in &mut self.ranks {
            let Some(child) = rank else { continue };
            let status = child.try_wait().map_err(LaunchError::system("wait for a rank"))?;
            if let Some(status) = status {
                statuses.push(status::of(status));
                *rank = None;
            }
        }
        statuses.sort_by_key(|&status| status <= 128);
        Ok(statuses)
    }

    fn note(&mut self, status: u8) {
        // From here on ranks end because they were made to.
        if matches!(self.ending, Ending::Asked(_) | Ending::Forced) {
            return;
        }
        self.status = status::worse(self.status, status);
        if status == 0 {
            return;
        }
        let now = Instant::now();
        if self.is_told || self.status == RESUME_ME {
            if self.ending == Ending::None {
                self.ending = Ending::Known(now + self.grace * PATIENCE);
            }
        } else {
            self.ask();
        }
    }

    fn act(&mut self, now: Instant) {
        match self.ending {
            Ending::Known(until) if now >= until => self.ask(),
            Ending::Asked(until) if now >= until => {
                self.kill();
                self.ending = Ending::Forced;
            }
            _ => {}
        }
    }

    fn ask(&mut self) {
        self.send(Signal::TERM);
        self.ending = Ending::Asked(Instant::now() + self.grace);
    }

    fn send(&self, signal: Signal) {
        for child in self.ranks.iter().flatten() {
            // An error means that it has just ended. Its number can't be another
            // process's yet, as it was not waited for.
            let _ = kill_process(Pid::from_child(child), signal);
        }
    }

    /// With what the ranks have started themselves.
    fn kill(&self) {
        for child in self.ranks.iter().flatten() {
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        for child in self.ranks.iter_mut().flatten() {
            let _ = child.wait();
        }
    }
}
