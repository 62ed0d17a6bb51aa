//! How far the work is: the library tells, the program shows.

/// Is told how far the work is, from several threads.
pub trait Progress: Sync {
    /// `count` files are to be worked on from here; `work` says what is done
    /// with them, as in `preparing train`.
    fn start(&self, work: &str, count: u64);

    /// One more of them is done.
    fn advance(&self);

    /// The work is over.
    fn finish(&self);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _work: &str, _count: u64) {}
    fn advance(&self) {}
    fn finish(&self) {}
}
