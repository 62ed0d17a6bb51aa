//! A PyTorchJob of Kubeflow's Training Operator: `RANK`, `WORLD_SIZE`,
//! `MASTER_ADDR` and `MASTER_PORT` in every pod, but no `LOCAL_RANK`.

use crate::{
    LaunchError, Launcher, Placement, Rendezvous, Store,
    variables::{Variables, number},
};

const LAUNCHER: Launcher = Launcher::PyTorchJob;
const NAMES: [&str; 4] = ["RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"];
const REMEDY: &str =
    "a PyTorchJob sets these four, torchrun LOCAL_RANK too; unset them to run alone";

/// `RANK` counts pods. `WORLD_SIZE` does, unless the job says how many processes
/// a pod has (`PET_NPROC_PER_NODE`, from version 1.7): then it counts those.
pub(crate) fn find(
    variables: &Variables<'_>,
    nproc: Option<u32>,
) -> Result<Option<Placement>, LaunchError> {
    if !variables.has("RANK") && !variables.has("WORLD_SIZE") {
        return Ok(None);
    }
    let [rank, world_size, host, port] = variables.all(LAUNCHER, NAMES, REMEDY)?;
    let per_pod = processes_per_pod(variables, LAUNCHER, nproc)?;
    let placement = Placement {
        launcher: LAUNCHER,
        rank: number("RANK", &rank)?,
        world_size: number::<u32>("WORLD_SIZE", &world_size)? / per_pod,
        local_rank: 0,
        local_world_size: Some(1),
        rendezvous: Rendezvous { host, port: number("MASTER_PORT", &port)?, store: Store::Rank0 },
        attempt: 0,
    };
    placement.checked().map(Some)
}

/// What `PET_NPROC_PER_NODE` asks for, at least 1. Words such as `auto`, of
/// which torchrun makes a number, ask for nothing here.
///
/// # Errors
/// [`LaunchError::SeveralPerPod`] for several, unless `--nproc` starts them.
pub(crate) fn processes_per_pod(
    variables: &Variables<'_>,
    launcher: Launcher,
    nproc: Option<u32>,
) -> Result<u32, LaunchError> {
    let asked = variables.get("PET_NPROC_PER_NODE").and_then(|count| count.parse().ok());
    match asked {
        Some(count) if count > 1 && nproc.is_none() => {
            Err(LaunchError::SeveralPerPod { launcher, count })
        }
        asked => Ok(asked.unwrap_or(1).max(1)),
    }
}
