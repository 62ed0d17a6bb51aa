//! torchrun: `RANK`, `WORLD_SIZE`, `LOCAL_RANK`, `MASTER_ADDR`, `MASTER_PORT`,
//! and `TORCHELASTIC_*` for its agent's store and its restarts.

use crate::{
    LaunchError, Launcher, Placement, Rendezvous, Store,
    variables::{Variables, number},
};

const NAMES: [&str; 5] = ["RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"];
const REMEDY: &str = "start it with torchrun, which sets them all, or unset them to run alone";

/// `LOCAL_RANK` is what tells torchrun from a Kubeflow PyTorchJob.
pub(crate) fn find(variables: &Variables<'_>) -> Result<Option<Placement>, LaunchError> {
    if !variables.has("LOCAL_RANK") && !variables.has("TORCHELASTIC_RUN_ID") {
        return Ok(None);
    }
    read(Launcher::Torchrun, variables).map(Some)
}

/// The placement by torchrun's variables, whoever has set them.
pub(crate) fn read(
    launcher: Launcher,
    variables: &Variables<'_>,
) -> Result<Placement, LaunchError> {
    let [rank, world_size, local_rank, host, port] = variables.all(launcher, NAMES, REMEDY)?;
    let is_agents = variables.get("TORCHELASTIC_USE_AGENT_STORE").is_some_and(|it| it == "True");
    let store = if is_agents { Store::Agent } else { Store::Rank0 };
    let placement = Placement {
        launcher,
        rank: number("RANK", &rank)?,
        world_size: number("WORLD_SIZE", &world_size)?,
        local_rank: number("LOCAL_RANK", &local_rank)?,
        local_world_size: variables.number("LOCAL_WORLD_SIZE")?,
        rendezvous: Rendezvous { host, port: number("MASTER_PORT", &port)?, store },
        attempt: variables.number("TORCHELASTIC_RESTART_COUNT")?.unwrap_or(0),
    };
    placement.checked()
}
