use crate::Launcher;
use std::io;

/// Why it is not known who this process is, or why ranks could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// Some of a launcher's variables or flags are there, others are not.
    #[error("{launcher}: set: {have}; missing: {missing}; {remedy}")]
    Incomplete {
        /// Whose variables they are.
        launcher: Launcher,
        /// Those that are there, with commas.
        have: String,
        /// Those that are not.
        missing: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A variable that must be a number is none, or is out of its range.
    #[error("{name}={value}: not a {expected}; correct or unset it")]
    NotANumber {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A rank that is not below the number of ranks.
    #[error("{launcher}: {what} {index} does not fit {count} processes; ranks count from 0")]
    BeyondCount {
        /// Who says so.
        launcher: Launcher,
        /// Which number.
        what: &'static str,
        /// The number.
        index: u32,
        /// How many there are.
        count: u32,
    },
    /// A node list that cannot be read.
    #[error("{name}={value}: not a list of hosts; set MASTER_ADDR to the host of rank 0")]
    NodeList {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
    },
    /// A pod that is meant for several processes, but was given one.
    #[error(
        "{launcher}: each pod is meant for {count} processes (PET_NPROC_PER_NODE) but this is one; \
         pass --nproc {count}, or start it with torchrun, or set numProcPerNode to 1"
    )]
    SeveralPerPod {
        /// Which kind of job.
        launcher: Launcher,
        /// How many.
        count: u32,
    },
    /// `--nproc` in a process that is one of several on its machine.
    #[error(
        "--nproc {nproc}: {launcher} has already started this process as one of several; \
         leave --nproc out, or have {launcher} start one process per machine"
    )]
    AlreadyStarted {
        /// Who has.
        launcher: Launcher,
        /// What was asked for.
        nproc: u32,
    },
    /// `--nproc 0`.
    #[error("--nproc 0: at least one process is needed")]
    NoProcess,
    /// The operating system could not do its part in starting ranks.
    #[error("cannot {what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What it said.
        source: io::Error,
    },
}

impl LaunchError {
    /// For `map_err`: what was tried, with the system's error.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }
}
