//! A port on which the ranks of a job agree without speaking to each other.

/// Below Linux's range for outgoing connections, which begins at 32768.
const FIRST: u64 = 15_000;
const COUNT: u64 = 16_000;

/// The port that follows from a job's name: its FNV-1a hash, once more mixed as
/// in MurmurHash3 since names differ in their last digits, in 15000–30999.
pub(crate) fn derived(job: &str) -> u16 {
    let hash = job.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (FIRST + (mixed ^ (mixed >> 33)) % COUNT) as u16
}

#[cfg(test)]
mod tests {
    use super::derived;

    #[test]
    fn it_is_the_same_for_the_same_job_and_in_range() {
        let jobs: Vec<_> = (0..1000).map(|job| format!("{job}.0")).collect();
        let mut ports: Vec<_> = jobs.iter().map(|job| derived(job)).collect();
        assert_eq!(ports[7], derived("7.0"));
        assert!(ports.iter().all(|port| (15_000..31_000).contains(port)));
        ports.sort_unstable();
        ports.dedup();
        assert!(ports.len() > 900, "{} of 1000 differ", ports.len());
    }
}
