//! Open MPI: `OMPI_COMM_WORLD_*`. mpirun tells no rank where another one is, so
//! across machines the user names rank 0's with `-x MASTER_ADDR`.

use crate::{
    LaunchError, Launcher, Placement, Rendezvous, Store, port,
    variables::{Variables, complete, number},
};

const LAUNCHER: Launcher = Launcher::OpenMpi;
const NAMES: [&str; 4] = [
    "OMPI_COMM_WORLD_RANK",
    "OMPI_COMM_WORLD_SIZE",
    "OMPI_COMM_WORLD_LOCAL_RANK",
    "OMPI_COMM_WORLD_LOCAL_SIZE",
];
const REMEDY: &str = "start it with mpirun, which sets them all, or unset them to run alone";
/// The job's name, the same in all its ranks, in Open MPI 4 and 5.
const JOB: [&str; 2] = ["PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"];

pub(crate) fn find(variables: &Variables<'_>) -> Result<Option<Placement>, LaunchError> {
    if !NAMES.iter().any(|name| variables.has(name)) {
        return Ok(None);
    }
    let [rank, world_size, local_rank, local_size] = variables.all(LAUNCHER, NAMES, REMEDY)?;
    let world_size = number(NAMES[1], &world_size)?;
    let local_size = number(NAMES[3], &local_size)?;
    let placement = Placement {
        launcher: LAUNCHER,
        rank: number(NAMES[0], &rank)?,
        world_size,
        local_rank: number(NAMES[2], &local_rank)?,
        local_world_size: Some(local_size),
        rendezvous: rendezvous(variables, local_size == world_size)?,
        attempt: 0,
    };
    placement.checked().map(Some)
}

/// Rank 0 on this machine unless the user names it, at a port that follows from
/// the job's name unless the user names that.
fn rendezvous(variables: &Variables<'_>, on_one_machine: bool) -> Result<Rendezvous, LaunchError> {
    let host = variables.get("MASTER_ADDR");
    let host = host.or_else(|| on_one_machine.then(|| "127.0.0.1".to_owned()));
    let of_job = variables.first(&JOB).map(|(_, job)| port::derived(&job));
    let port = variables.number("MASTER_PORT")?.or(of_job);
    complete(
        LAUNCHER,
        ["OMPI_COMM_WORLD_RANK", "MASTER_ADDR", "MASTER_PORT"],
        [true, host.is_some(), port.is_some()],
        "pass mpirun `-x MASTER_ADDR=<host of rank 0> -x MASTER_PORT=29500`",
    )?;
    let (host, port) = (host.unwrap_or_default(), port.unwrap_or_default());
    Ok(Rendezvous { host, port, store: Store::Rank0 })
}
