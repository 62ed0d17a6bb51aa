//! `--nproc N`: the ranks of one machine, without any launcher.

mod running;

use crate::{LaunchError, Launcher, Placement, Rendezvous, Store, starter};
use running::Running;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1},
    iterator::Signals,
};
use std::{
    env,
    ffi::OsString,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    thread,
    time::Duration,
};

/// How often the starter looks at its ranks and its signals.
const PERIOD: Duration = Duration::from_millis(10);

/// How many ranks to start on this machine, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranks {
    nproc: u32,
    machine: Option<Placement>,
    grace: Duration,
}

impl Ranks {
    /// `nproc` ranks on this machine. `machine` is its place where several
    /// machines start `nproc` ranks each.
    ///
    /// # Errors
    /// [`LaunchError::AlreadyStarted`] under torchrun, which starts local ranks
    /// itself, or where `machine` is one of several processes of this machine.
    pub fn new(nproc: u32, machine: Option<Placement>) -> Result<Self, LaunchError> {
        if let Some(Placement { launcher, local_world_size, .. }) = machine {
            let is_several = local_world_size.is_some_and(|count| count > 1);
            if is_several || launcher == Launcher::Torchrun {
                return Err(LaunchError::AlreadyStarted { launcher, nproc });
            }
        }
        Ok(Self { nproc, machine, grace: Duration::from_secs(30) })
    }

    /// With another time than 30 s for ranks to end after a SIGTERM, before
    /// they get a SIGKILL.
    #[must_use]
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// How many ranks.
    pub fn count(&self) -> u32 {
        self.nproc
    }

    /// Starts this very program, with the arguments it was given, as the ranks.
    ///
    /// # Errors
    /// As [`Ranks::run`].
    pub fn run_this_program(&self) -> Result<u8, LaunchError> {
        let program =
            env::current_exe().map_err(LaunchError::system("find the program that is running"))?;
        self.run(&program, &env::args_os().skip(1).collect::<Vec<_>>())
    }

    /// Starts `program` with `arguments` as the ranks and waits for all of them.
    /// Answers the exit status to end with: 0, the first failure's (128 and the
    /// number for a signal), or [`RESUME_ME`](crate::RESUME_ME) if that is the
    /// worst.
    ///
    /// Each rank finds torchrun's variables. SIGINT, SIGTERM, SIGHUP and SIGUSR1
    /// are passed on; a terminal's Ctrl-C reaches the starter alone, so that
    /// none comes twice (and Ctrl-Z stops the starter alone). Rank 0 has the
    /// starter's standard output; what other ranks write there goes to standard
    /// error.
    ///
    /// When a rank fails the others get a SIGTERM and, after the grace time, a
    /// SIGKILL. After a status of [`RESUME_ME`](crate::RESUME_ME), or where a
    /// signal has asked all to end, the others have ten times as long to do so
    /// by themselves first: one may be writing a checkpoint, and trainings take
    /// a second signal for an order to drop it.
    ///
    /// # Errors
    /// [`LaunchError::System`] if a rank cannot be started; those that were are
    /// ended.
    pub fn run(&self, program: &Path, arguments: &[OsString]) -> Result<u8, LaunchError> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGUSR1])
            .map_err(LaunchError::system("listen for signals"))?;
        let rendezvous = self.rendezvous()?;
        let mut ranks = Running::new(self.grace);
        for local_rank in 0..self.nproc {
            let variables = self.variables(local_rank, &rendezvous);
            ranks.start(program, arguments, &variables)?;
        }
        while ranks.look()? {
            for signal in signals.pending() {
                ranks.pass_on(signal);
            }
            thread::sleep(PERIOD);
        }
        Ok(ranks.status())
    }

    /// A free port of this machine, or what the machines agree on. The port is
    /// free now; another program may take it before rank 0 does, which then says so.
    fn rendezvous(&self) -> Result<Rendezvous, LaunchError> {
        if let Some(machine) = &self.machine {
            return Ok(machine.rendezvous.clone());
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(LaunchError::system("find a free port"))?
            .port();
        Ok(Rendezvous { host: Ipv4Addr::LOCALHOST.to_string(), port, store: Store::Rank0 })
    }

    /// What a rank finds in its environment.
    fn variables(&self, local_rank: u32, at: &Rendezvous) -> Vec<(&'static str, String)> {
        let (index, count, attempt) = match &self.machine {
            Some(machine) => (machine.rank, machine.world_size, machine.attempt),
            None => (0, 1, 0),
        };
        let mut variables = vec![
            ("RANK", (index * self.nproc + local_rank).to_string()),
            ("WORLD_SIZE", (count * self.nproc).to_string()),
            ("LOCAL_RANK", local_rank.to_string()),
            ("LOCAL_WORLD_SIZE", self.nproc.to_string()),
            ("MASTER_ADDR", at.host.clone()),
            ("MASTER_PORT", at.port.to_string()),
            ("TORCHELASTIC_USE_AGENT_STORE", "False".to_owned()),
            ("TORCHELASTIC_RESTART_COUNT", attempt.to_string()),
            (starter::MARK, self.nproc.to_string()),
        ];
        if env::var_os("OMP_NUM_THREADS").is_none() {
            variables.push(("OMP_NUM_THREADS", threads_per_rank(self.nproc).to_string()));
        }
        variables
    }
}

/// This process's cores, divided, at least 1.
fn threads_per_rank(nproc: u32) -> usize {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
    (cores / nproc.max(1) as usize).max(1)
}
