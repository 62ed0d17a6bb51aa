//! How ranks find out whether all have come, and who has not.
//!
//! Each rank sets `here/<rank>`. Rank 0 waits for all of them and sets `verdict`
//! to those that are missing; the others wait for that, and set `heard/<rank>`,
//! so that rank 0, which may serve the store, does not take it away too early.

use crate::{CollectiveError, error::Speaker, store::Store};
use shoebox_launch::{Placement, Rendezvous, Store as Server};
use std::time::{Duration, Instant};

/// How long rank 0 waits for others to hear that a rank is missing, and others
/// for rank 0's verdict once it is due.
const COURTESY: Duration = Duration::from_secs(3);

/// Opens the store; in rank 0 serves it, unless torchrun's agent does.
pub(crate) fn open(
    placement: &Placement,
    who: Speaker,
    timeout: Duration,
) -> Result<Store, CollectiveError> {
    let Rendezvous { host, port, store } = &placement.rendezvous;
    let serves = *store == Server::Rank0 && placement.rank == 0;
    // An agent's store outlives the ranks, so each attempt has its own keys.
    let prefix = format!("shoebox/attempt_{}", placement.attempt);
    Store::open(host, *port, serves, &prefix, timeout).map_err(|reason| {
        if serves {
            CollectiveError::CannotServe { who, port: *port, reason }
        } else {
            CollectiveError::NoAnswer { who, host: host.clone(), port: *port, reason }
        }
    })
}

/// Returns when all ranks are here.
pub(crate) fn meet(
    store: &Store,
    who: Speaker,
    started: Instant,
    timeout: Duration,
) -> Result<(), CollectiveError> {
    let left = timeout.saturating_sub(started.elapsed());
    let failed = |reason| CollectiveError::Failed { who, operation: "joining", peer: None, reason };
    store.set(&here(who.rank), "").map_err(failed)?;
    let missing = if who.rank == 0 {
        judge(store, who, left).map_err(failed)?
    } else {
        hear(store, who, left).map_err(failed)?
    };
    if missing.is_empty() {
        return Ok(());
    }
    Err(CollectiveError::Missing { who, seconds: timeout.as_secs(), missing })
}

fn here(rank: u32) -> String {
    format!("here/{rank}")
}

fn heard(rank: u32) -> String {
    format!("heard/{rank}")
}

/// Rank 0: who is missing at the end of the time.
fn judge(store: &Store, who: Speaker, left: Duration) -> Result<Vec<u32>, String> {
    let missing = absent(store, who.world_size, left, here)?;
    let words = missing.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    store.set("verdict", &words)?;
    if !missing.is_empty() {
        store.set(&heard(0), "")?;
        let end = Instant::now() + COURTESY;
        for rank in (1..who.world_size).filter(|rank| !missing.contains(rank)) {
            // One that does not listen is no reason to keep the error back.
            let _ = store.get(&heard(rank), end.saturating_duration_since(Instant::now()));
        }
    }
    Ok(missing)
}

/// Another rank: what rank 0 says of who is missing.
fn hear(store: &Store, who: Speaker, left: Duration) -> Result<Vec<u32>, String> {
    match store.get("verdict", left + COURTESY) {
        Ok(words) => {
            let missing = words.split_whitespace().filter_map(|rank| rank.parse().ok()).collect();
            let _ = store.set(&heard(who.rank), "");
            Ok(missing)
        }
        // A store that still answers is an agent's, so rank 0 can be missing.
        Err(reason) => match absent(store, who.world_size, Duration::ZERO, here) {
            Ok(missing) if !missing.is_empty() => Ok(missing),
            _ => Err(format!("rank 0, which serves the rendezvous, is gone ({reason})")),
        },
    }
}

/// Those ranks whose key does not come within `left`.
fn absent(
    store: &Store,
    world_size: u32,
    left: Duration,
    key: impl Fn(u32) -> String,
) -> Result<Vec<u32>, String> {
    let end = Instant::now() + left;
    let mut missing = Vec::new();
    for rank in 0..world_size {
        let left = end.saturating_duration_since(Instant::now());
        let came = !left.is_zero() && store.get(&key(rank), left).is_ok();
        if !came && !store.has(&key(rank))? {
            missing.push(rank);
        }
    }
    Ok(missing)
}
