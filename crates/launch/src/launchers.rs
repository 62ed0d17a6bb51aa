//! One module per launcher. Each has a `find`: nothing where the launcher has
//! left no trace, a placement, or what is wrong with the trace.

pub(crate) mod flags;
pub(crate) mod kubeflow;
pub(crate) mod open_mpi;
pub(crate) mod slurm;
pub(crate) mod torchrun;
pub(crate) mod trainer;
