//! How a rank that `--nproc` has started notices that its starter is gone.
//!
//! The starter keeps the writing end of each rank's standard input and never
//! writes. However it ends, the system closes that end, and the rank reads the
//! end of its input. Linux could send a signal instead (`PR_SET_PDEATHSIG`),
//! but no other system, and setting that for a child needs unsafe code.

use signal_hook::{
    consts::{SIGKILL, SIGTERM},
    low_level::raise,
};
use std::{io, thread, time::Duration};

/// The variable that tells a rank of `--nproc` from others.
pub(crate) const MARK: &str = "SHOEBOX_NPROC";

/// How long a rank without a starter may take to end cleanly.
const GRACE: Duration = Duration::from_secs(30);

/// Ends this process when its starter does. Takes standard input.
pub(crate) fn follow() {
    thread::spawn(|| {
        // An error is as good as an end: nobody writes there any more.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = raise(SIGTERM);
        thread::sleep(GRACE);
        let _ = raise(SIGKILL);
    });
}
