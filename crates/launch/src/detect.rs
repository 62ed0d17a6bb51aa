use crate::{
    LaunchError, Launcher, Placement, Ranks,
    launchers::{flags, kubeflow, open_mpi, slurm, torchrun, trainer},
    starter,
    variables::Variables,
};

/// What a user says about ranks on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--rank`, from 0.
    pub rank: Option<u32>,
    /// `--world-size`.
    pub world_size: Option<u32>,
    /// `--local-rank`, from 0; 0 if left out.
    pub local_rank: Option<u32>,
    /// `--master-addr`: the host of rank 0.
    pub master_addr: Option<String>,
    /// `--master-port`, at which rank 0 listens.
    pub master_port: Option<u16>,
    /// `--nproc`: how many ranks to start on this machine.
    pub nproc: Option<u32>,
}

/// How this process was started, and so what it is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launch {
    /// On its own.
    Single,
    /// As one rank of a job.
    Rank(Placement),
    /// With `--nproc`, to start ranks; it is none itself.
    Start(Ranks),
}

impl Launch {
    /// Finds out from the command line and the environment.
    ///
    /// The first of these that is there counts: flags, torchrun, Open MPI,
    /// SLURM, a Kubeflow PyTorchJob, a Kubeflow TrainJob. With `--nproc` what
    /// is found is this machine's place among machines, each of which starts
    /// that many ranks.
    ///
    /// # Errors
    /// [`LaunchError`] for an incomplete set of variables, numbers that are
    /// none or don't fit, or `--nproc` under a launcher that has started
    /// several processes here.
    ///
    /// # Examples
    /// ```
    /// use shoebox_launch::{Flags, Launch};
    /// let launch = Launch::detect(&Flags::default(), &|_| None).unwrap();
    /// assert_eq!(launch, Launch::Single);
    /// ```
    pub fn detect(
        flags: &Flags,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, LaunchError> {
        let variables = Variables::new(environment);
        // A rank inherits its starter's flags, which are not about itself.
        if variables.has(starter::MARK) {
            return torchrun::read(Launcher::Nproc, &variables).map(Self::Rank);
        }
        let found = find(flags, &variables)?;
        match (flags.nproc, found) {
            (Some(0), _) => Err(LaunchError::NoProcess),
            (None | Some(1), None) => Ok(Self::Single),
            (None | Some(1), Some(placement)) => Ok(Self::Rank(placement)),
            (Some(nproc), machine) => Ranks::new(nproc, machine).map(Self::Start),
        }
    }
}

/// What the first launcher that has left a trace says.
fn find(flags: &Flags, variables: &Variables<'_>) -> Result<Option<Placement>, LaunchError> {
    let readers: [&dyn Fn() -> Result<Option<Placement>, LaunchError>; 6] = [
        &|| flags::find(flags),
        &|| torchrun::find(variables),
        &|| open_mpi::find(variables),
        &|| slurm::find(variables),
        &|| kubeflow::find(variables, flags.nproc),
        &|| trainer::find(variables, flags.nproc),
    ];
    readers.iter().find_map(|read| read().transpose()).transpose()
}
