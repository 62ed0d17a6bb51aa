use crate::{LaunchError, starter};
use std::fmt;

/// Who has started this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launcher {
    /// The user, with `--rank` and its like.
    Flags,
    /// This program itself, with `--nproc`.
    Nproc,
    /// PyTorch's torchrun.
    Torchrun,
    /// Open MPI's mpirun.
    OpenMpi,
    /// A step of SLURM's srun.
    Slurm,
    /// A PyTorchJob of Kubeflow's Training Operator.
    PyTorchJob,
    /// A TrainJob of Kubeflow's Trainer v2.
    TrainJob,
}

impl fmt::Display for Launcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flags => "flags",
            Self::Nproc => "--nproc",
            Self::Torchrun => "torchrun",
            Self::OpenMpi => "Open MPI",
            Self::Slurm => "SLURM",
            Self::PyTorchJob => "Kubeflow PyTorchJob",
            Self::TrainJob => "Kubeflow TrainJob",
        })
    }
}

/// Who serves the store by which the ranks find each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Rank 0 listens at the address.
    Rank0,
    /// torchrun's agent does, so that rank 0 is a client like the others.
    Agent,
}

/// Where the ranks of a job find each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendezvous {
    /// A name or an address.
    pub host: String,
    /// A TCP port.
    pub port: u16,
    /// Who listens there.
    pub store: Store,
}

/// One process's place in its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Who has started it.
    pub launcher: Launcher,
    /// From 0, below `world_size`.
    pub rank: u32,
    /// How many processes the job has, at least 1.
    pub world_size: u32,
    /// Among the job's processes on this machine, from 0.
    pub local_rank: u32,
    /// How many processes of the job this machine has, where the launcher tells.
    pub local_world_size: Option<u32>,
    /// Where to find the others.
    pub rendezvous: Rendezvous,
    /// How often the launcher has started the job anew, from 0.
    pub attempt: u32,
}

impl Placement {
    /// Itself, if its numbers fit each other.
    pub(crate) fn checked(self) -> Result<Self, LaunchError> {
        let bad = |what, index, count| {
            Err(LaunchError::BeyondCount { launcher: self.launcher, what, index, count })
        };
        if self.rank >= self.world_size {
            return bad("rank", self.rank, self.world_size);
        }
        match self.local_world_size {
            Some(count) if self.local_rank >= count => bad("local rank", self.local_rank, count),
            Some(count) if count > self.world_size => {
                bad("local world size", count, self.world_size)
            }
            _ => Ok(self),
        }
    }

    /// Whether all ranks are on this machine, as far as the launcher tells.
    pub fn is_on_one_machine(&self) -> bool {
        self.local_world_size == Some(self.world_size)
    }

    /// For a rank that `--nproc` has started: sees to it that this process ends
    /// when its starter does, however that ends. Does nothing under other
    /// launchers, which look after their processes themselves.
    ///
    /// Takes standard input, which such a rank has for this purpose alone. When
    /// the starter is gone the process gets a SIGTERM, and after 30 s a SIGKILL.
    pub fn end_with_starter(&self) {
        if self.launcher == Launcher::Nproc {
            starter::follow();
        }
    }
}

/// One line, such as `rank 1 of 4 (torchrun, attempt 0, rendezvous 127.0.0.1:29500)`.
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { launcher, rank, world_size, attempt, rendezvous, .. } = self;
        let Rendezvous { host, port, .. } = rendezvous;
        write!(
            f,
            "rank {rank} of {world_size} ({launcher}, attempt {attempt}, rendezvous {host}:{port})"
        )
    }
}
