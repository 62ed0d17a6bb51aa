use crate::{
    CollectiveError,
    device::{self, Device},
    error::Speaker,
    face::{self, GroupHandle, c_text, check},
    peers::{self, Peers},
    rendezvous,
    store::{Store, milliseconds},
};
use shoebox_launch::Placement;
use std::{
    cell::{Cell, OnceCell},
    ffi::c_char,
    ptr,
    rc::Rc,
    time::{Duration, Instant},
};
use tch::Tensor;

/// How long ranks wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For all to come: 5 min by default, as machines don't start at once.
    pub join: Duration,
    /// For each operation: 60 s by default. It bounds how far one rank may fall
    /// behind another, in writing a checkpoint for example.
    pub operation: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { join: Duration::from_secs(300), operation: Duration::from_secs(60) }
    }
}

/// The ranks of a job, connected with each other. A clone is the same group.
///
/// All ranks make the same calls in the same order. Dropping the last clone
/// closes the connections.
#[derive(Debug, Clone)]
pub struct ProcessGroup(Rc<Group>);

#[derive(Debug)]
struct Group {
    // Freed by `drop`, before the store.
    handle: *mut GroupHandle,
    who: Speaker,
    step: Cell<Option<u64>>,
    peers: OnceCell<Peers>,
    _store: Store,
}

impl Drop for Group {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: made by `connect`, and freed here alone.
        unsafe {
            face::shoebox_group_leave(self.handle);
        }
    }
}

impl ProcessGroup {
    /// Waits for all ranks of the job and connects with them.
    ///
    /// Rank 0 serves the rendezvous, unless torchrun's agent does. The network
    /// interface is the one on the way there, or `GLOO_SOCKET_IFNAME`.
    ///
    /// # Errors
    /// Within the join timeout and a few seconds: [`CollectiveError::CannotServe`]
    /// where another program has rank 0's port, [`CollectiveError::NoAnswer`]
    /// without a rank 0, [`CollectiveError::Missing`], which names the ranks that
    /// have not come, and [`CollectiveError::Failed`] for ranks that cannot reach
    /// each other.
    pub fn join(placement: &Placement, timeouts: &Timeouts) -> Result<Self, CollectiveError> {
        let who = Speaker { rank: placement.rank, world_size: placement.world_size, step: None };
        let started = Instant::now();
        let store = rendezvous::open(placement, who, timeouts.join)?;
        rendezvous::meet(&store, who, started, timeouts.join)?;
        let group = Self(Rc::new(connect(store, who, &device::choose(placement), timeouts)?));
        let addresses = group.all_gather_bytes(peers::own_addresses().as_bytes())?;
        let _ = group.0.peers.set(Peers::new(&addresses));
        Ok(group)
    }

    /// This process's rank, from 0.
    pub fn rank(&self) -> u32 {
        self.0.who.rank
    }

    /// How many ranks there are.
    pub fn world_size(&self) -> u32 {
        self.0.who.world_size
    }

    /// Sets the training step that errors name from now on.
    pub fn at_step(&self, step: u64) {
        self.0.step.set(Some(step));
    }

    /// Sums the tensor over all ranks, in place, in all of them: any shape, the
    /// same in all ranks; f32, f64, f16, bf16 or an integer kind; on the CPU.
    /// All ranks get the same bits.
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] where a rank is gone or does not answer in
    /// time, or for a kind or device that Gloo does not know.
    pub fn all_reduce_sum(&self, tensor: &mut Tensor) -> Result<(), CollectiveError> {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the group lives, and the tensor is borrowed mutably for the
        // call, which waits until the engine has let go of it.
        let error = unsafe { face::shoebox_group_all_reduce(self.handle(), tensor.as_mut_ptr()) };
        self.check("all-reduce", error)
    }

    /// Overwrites the tensor with `root`'s: any shape, the same in all ranks; on
    /// the CPU.
    ///
    /// # Errors
    /// As [`ProcessGroup::all_reduce_sum`], and for a `root` that is no rank.
    pub fn broadcast(&self, tensor: &mut Tensor, root: u32) -> Result<(), CollectiveError> {
        let root = i32::try_from(root).unwrap_or(i32::MAX);
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: as in `all_reduce_sum`.
        let error =
            unsafe { face::shoebox_group_broadcast(self.handle(), tensor.as_mut_ptr(), root) };
        self.check("broadcast", error)
    }

    /// Waits until all ranks are here.
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] where a rank is gone or does not come in time.
    pub fn barrier(&self) -> Result<(), CollectiveError> {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the group lives.
        let error = unsafe { face::shoebox_group_barrier(self.handle()) };
        self.check("barrier", error)
    }

    /// Each rank's `row` `[N]` into `rows` `[world_size,N]`.
    pub(crate) fn all_gather_into(
        &self,
        row: &Tensor,
        rows: &mut Tensor,
    ) -> Result<(), CollectiveError> {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: as in `all_reduce_sum`, for both tensors.
        let error = unsafe {
            face::shoebox_group_all_gather(self.handle(), row.as_ptr(), rows.as_mut_ptr())
        };
        self.check("all-gather", error)
    }

    /// For the face's functions, while this group lives.
    pub(crate) fn handle(&self) -> *mut GroupHandle {
        self.0.handle
    }

    /// What `error`, the answer of a function of the face, means for this rank.
    pub(crate) fn check(
        &self,
        operation: &'static str,
        error: *const c_char,
    ) -> Result<(), CollectiveError> {
        check(error).map_err(|reason| self.error(operation, reason))
    }

    /// An operation's failure, in the engine's words.
    pub(crate) fn error(&self, operation: &'static str, reason: String) -> CollectiveError {
        let who = Speaker { step: self.0.step.get(), ..self.0.who };
        let peer = self.0.peers.get().and_then(|peers| peers.named_in(&reason));
        CollectiveError::Failed { who, operation, peer, reason }
    }
}

/// Connects ranks that have met in the store.
fn connect(
    store: Store,
    who: Speaker,
    device: &Device,
    timeouts: &Timeouts,
) -> Result<Group, CollectiveError> {
    let (interfaces, address) = match device {
        Device::Interfaces(names) => (Some(c_text(names)), None),
        Device::Address(address) => (None, Some(c_text(&address.to_string()))),
        Device::OfName => (None, None),
    };
    let pointer =
        |text: &Option<std::ffi::CString>| text.as_ref().map_or(ptr::null(), |text| text.as_ptr());
    let (rank, size) = (who.rank as i32, who.world_size as i32);
    let (join, operation) = (milliseconds(timeouts.join), milliseconds(timeouts.operation));
    let mut handle = ptr::null_mut();
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: the store lives, the texts are null or outlive the call, and so
    // does `handle`.
    let error = unsafe {
        let (interfaces, address) = (pointer(&interfaces), pointer(&address));
        let store = store.handle();
        face::shoebox_group_join(
            store,
            rank,
            size,
            interfaces,
            address,
            join,
            operation,
            &mut handle,
        )
    };
    check(error).map_err(|reason| CollectiveError::Failed {
        who,
        operation: "connecting with the other ranks",
        peer: None,
        reason,
    })?;
    let (step, peers) = (Cell::new(None), OnceCell::new());
    Ok(Group { handle, who, step, peers, _store: store })
}

#[cfg(test)]
mod tests {
    use super::{ProcessGroup, Timeouts};
    use crate::store::Store;
    use shoebox_launch::{Launcher, Placement, Rendezvous, Store as Server};
    use std::{net::TcpListener, thread, time::Duration};
    use tch::{Device, Kind, Tensor};

    fn placement(rank: u32, port: u16, attempt: u32) -> Placement {
        Placement {
            launcher: Launcher::Torchrun,
            rank,
            world_size: 2,
            local_rank: rank,
            local_world_size: Some(2),
            rendezvous: Rendezvous { host: "127.0.0.1".to_owned(), port, store: Server::Agent },
            attempt,
        }
    }

    fn sum_of_ranks(placement: &Placement) -> f64 {
        let group = ProcessGroup::join(placement, &Timeouts::default()).unwrap();
        let mut tensor = Tensor::full([1], f64::from(group.rank() + 1), (Kind::Float, Device::Cpu));
        group.all_reduce_sum(&mut tensor).unwrap();
        group.barrier().unwrap();
        tensor.double_value(&[0])
    }

    /// Ranks are threads here, and the agent is this one: what matters is whose
    /// the store is.
    #[test]
    fn an_agents_store_serves_one_attempt_after_the_other() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let _agent =
            Store::open("127.0.0.1", port, true, "agent", Duration::from_secs(60)).unwrap();
        for attempt in 0..2 {
            let ranks = [0, 1]
                .map(|rank| thread::spawn(move || sum_of_ranks(&placement(rank, port, attempt))));
            for rank in ranks {
                assert_eq!(rank.join().unwrap(), 3.0);
            }
        }
    }
}
