//! How processes end, and which end of several counts.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

/// `EX_TEMPFAIL` of sysexits.h: a program that was asked to end, and can go on
/// later.
pub const RESUME_ME: u8 = 75;

/// A process's exit status as shells give it: 128 and the signal's number for
/// one that a signal has ended.
pub(crate) fn of(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Which of two statuses tells more of what went wrong: the earlier failure,
/// but [`RESUME_ME`] only where nothing failed.
pub(crate) fn worse(earlier: u8, later: u8) -> u8 {
    match (earlier, later) {
        (0, later) => later,
        (RESUME_ME, later) if later != 0 => later,
        _ => earlier,
    }
}

#[cfg(test)]
mod tests {
    use super::{RESUME_ME, of, worse};
    use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

    #[test]
    fn a_signal_is_128_and_its_number() {
        assert_eq!(of(ExitStatus::from_raw(9)), 137);
        assert_eq!(of(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(of(ExitStatus::from_raw(0)), 0);
    }

    #[test]
    fn the_first_failure_counts_and_one_to_be_resumed_is_none() {
        assert_eq!(worse(0, 0), 0);
        assert_eq!(worse(0, 3), 3);
        assert_eq!(worse(3, 0), 3);
        assert_eq!(worse(137, 1), 137);
        assert_eq!(worse(RESUME_ME, 0), RESUME_ME);
        assert_eq!(worse(RESUME_ME, 1), 1);
        assert_eq!(worse(1, RESUME_ME), 1);
    }
}
