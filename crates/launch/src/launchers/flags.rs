//! `--rank 1 --world-size 2 --master-addr HOST --master-port PORT`, for a user
//! who starts every process by hand.

use crate::{Flags, LaunchError, Launcher, Placement, Rendezvous, Store, variables::complete};

const NAMES: [&str; 4] = ["--rank", "--world-size", "--master-addr", "--master-port"];
const REMEDY: &str = "pass all of --rank, --world-size, --master-addr and --master-port, or none";

pub(crate) fn find(flags: &Flags) -> Result<Option<Placement>, LaunchError> {
    let Flags { rank, world_size, local_rank, master_addr, master_port, .. } = flags;
    let present =
        [rank.is_some(), world_size.is_some(), master_addr.is_some(), master_port.is_some()];
    if present == [false; 4] && local_rank.is_none() {
        return Ok(None);
    }
    complete(Launcher::Flags, NAMES, present, REMEDY)?;
    let placement = Placement {
        launcher: Launcher::Flags,
        rank: rank.unwrap_or_default(),
        world_size: world_size.unwrap_or_default(),
        local_rank: local_rank.unwrap_or_default(),
        local_world_size: None,
        rendezvous: Rendezvous {
            host: master_addr.clone().unwrap_or_default(),
            port: master_port.unwrap_or_default(),
            store: Store::Rank0,
        },
        attempt: 0,
    };
    placement.checked().map(Some)
}
