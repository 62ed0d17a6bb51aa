use crate::{
    CollectiveError, CommunicationStats, ProcessGroup,
    face::{self, ReducerHandle, in_brief},
};
use std::{ptr, time::Duration};
use tch::Tensor;

/// In what form gradients travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// As f16, by c10d's own hook: half the bytes, 11 bits of precision, and
    /// values below 6e-8 lost. Gradients beyond 65504 become infinite.
    Float16,
}

/// How gradients are reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReducerOptions {
    /// How many bytes of gradients are reduced at once, at most, unless one
    /// gradient alone has more: 25 MiB by default, as DDP's.
    pub bucket_bytes: usize,
    /// None by default.
    pub compression: Compression,
}

impl Default for ReducerOptions {
    fn default() -> Self {
        Self { bucket_bytes: 25 << 20, compression: Compression::None }
    }
}

/// Averages gradients over the ranks while backward goes on: c10d's `Reducer`,
/// which is the engine of PyTorch's DistributedDataParallel.
///
/// Gradients come out as the **sum over ranks divided by their number**. Where
/// ranks have shares of different sizes and each loss is the mean over its
/// share, scale the loss by `share · world_size / batch`, and the result is the
/// gradient of the mean over the whole batch. A rank with an empty share takes
/// part with a loss of 0 times what the network gives for any input.
///
/// Each step: clear the gradients, compute the loss, and call
/// [`Reducer::backward`]. To accumulate gradients over several passes, call
/// `backward` of all but the last loss as of any tensor: only what
/// [`Reducer::prepare`] precedes is reduced, and that is all that has been
/// accumulated.
///
/// Every parameter must get a gradient in each reduced pass, and ranks must have
/// the same parameters in the same order. Make a new reducer where the set of
/// trained parameters changes. Gradients are views into the buckets, so they are
/// to be cleared by forgetting or zeroing them, not by replacing their memory.
#[derive(Debug)]
pub struct Reducer {
    handle: *mut ReducerHandle,
    group: ProcessGroup,
    bytes: u64,
}

impl Reducer {
    /// Watches the gradients of `parameters`: leaves that require gradients, on
    /// the CPU.
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] where ranks have other parameters, one is no
    /// such leaf, or a rank is gone.
    pub fn new(
        group: &ProcessGroup,
        parameters: &[Tensor],
        options: ReducerOptions,
    ) -> Result<Self, CollectiveError> {
        let pointers: Vec<_> = parameters.iter().map(|tensor| tensor.as_ptr().cast_mut()).collect();
        let as_float16 = options.compression == Compression::Float16;
        let mut handle = ptr::null_mut();
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the group lives; the pointers are to tensors that are borrowed
        // for the call, which counts references of its own.
        let error = unsafe {
            let (first, count) = (pointers.as_ptr(), pointers.len());
            let bytes = options.bucket_bytes;
            face::shoebox_reducer_new(group.handle(), first, count, bytes, as_float16, &mut handle)
        };
        group.check("making the reducer", error)?;
        let bytes = parameters.iter().map(|tensor| bytes_to_reduce(tensor, as_float16)).sum();
        Ok(Self { handle, group: group.clone(), bytes })
    }

    /// Has the next backward pass reduce, whoever starts it. In a pass without
    /// this before it gradients accumulate in this rank alone.
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] where the pass before has not reduced every
    /// gradient, or a rank is gone.
    pub fn prepare(&self) -> Result<(), CollectiveError> {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the reducer lives.
        let error = unsafe { face::shoebox_reducer_prepare(self.handle) };
        self.group.check("preparing to reduce", error)
    }

    /// Looks whether the pass after [`Reducer::prepare`] has reduced every
    /// gradient, and takes its times.
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] if it has not.
    pub fn finish(&self) -> Result<(), CollectiveError> {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the reducer lives.
        let error = unsafe { face::shoebox_reducer_finish(self.handle) };
        self.group.check("reducing gradients", error)
    }

    /// The backward pass of `loss`, a scalar, with reduced gradients at its end:
    /// [`Reducer::prepare`], backward and [`Reducer::finish`].
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] where a rank is gone or does not answer in
    /// time, or the pass itself fails.
    pub fn backward(&self, loss: &Tensor) -> Result<(), CollectiveError> {
        self.prepare()?;
        loss.f_backward().map_err(|error| self.failed(&error))?;
        self.finish()
    }

    /// What a backward pass's error means, for callers that start the pass
    /// themselves: reducing is part of it, so a lost peer is found there.
    pub fn failed(&self, error: &tch::TchError) -> CollectiveError {
        let reason = match error {
            tch::TchError::Torch(message) => in_brief(message),
            other => other.to_string(),
        };
        self.group.error("backward with reduced gradients", reason)
    }

    /// Of the last pass that [`Reducer::finish`] or [`Reducer::backward`] has ended.
    ///
    /// # Errors
    /// [`CollectiveError::Failed`] if c10d cannot tell.
    pub fn stats(&self) -> Result<CommunicationStats, CollectiveError> {
        let (mut compute, mut reduction, mut overlap, mut buckets) = (0, 0, 0, 0);
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the reducer lives, and the numbers outlive the call.
        let error = unsafe {
            let times = (&mut compute, &mut reduction, &mut overlap);
            face::shoebox_reducer_times(self.handle, times.0, times.1, times.2, &mut buckets)
        };
        self.group.check("timing the reducer", error)?;
        let time = |nanoseconds: i64| Duration::from_nanos(nanoseconds.max(0) as u64);
        Ok(CommunicationStats {
            bytes: self.bytes,
            buckets,
            backward: time(compute),
            reduction: time(reduction),
            exposed: time(reduction - overlap),
        })
    }
}

impl Drop for Reducer {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: made by `new`, and freed here alone.
        unsafe {
            face::shoebox_reducer_free(self.handle);
        }
    }
}

fn bytes_to_reduce(tensor: &Tensor, as_float16: bool) -> u64 {
    let size = if as_float16 { 2 } else { tensor.kind().elt_size_in_bytes() };
    (tensor.numel() * size) as u64
}
