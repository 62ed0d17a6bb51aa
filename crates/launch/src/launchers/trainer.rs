//! A TrainJob of Kubeflow's Trainer v2: `PET_*`, which are torchrun's options
//! as variables. Here the program reads them itself, as the pod's one process.

use super::kubeflow::processes_per_pod;
use crate::{
    LaunchError, Launcher, Placement, Rendezvous, Store,
    variables::{Variables, number},
};

const LAUNCHER: Launcher = Launcher::TrainJob;
const NAMES: [&str; 4] = ["PET_NNODES", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT"];
const REMEDY: &str = "a TrainJob sets these four; under other settings start it with torchrun";

pub(crate) fn find(
    variables: &Variables<'_>,
    nproc: Option<u32>,
) -> Result<Option<Placement>, LaunchError> {
    if !NAMES.iter().any(|name| variables.has(name)) {
        return Ok(None);
    }
    let [pods, rank, host, port] = variables.all(LAUNCHER, NAMES, REMEDY)?;
    processes_per_pod(variables, LAUNCHER, nproc)?;
    let placement = Placement {
        launcher: LAUNCHER,
        rank: number("PET_NODE_RANK", &rank)?,
        world_size: number("PET_NNODES", &pods)?,
        local_rank: 0,
        local_world_size: Some(1),
        rendezvous: Rendezvous {
            host,
            port: number("PET_MASTER_PORT", &port)?,
            store: Store::Rank0,
        },
        attempt: 0,
    };
    placement.checked().map(Some)
}
