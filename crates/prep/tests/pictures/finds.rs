//! What fuzzing has found (fuzz/README.md), and files of the same kind.

use crate::{REPAIRING, fixtures, read};
use shoebox_prep::decode;
use std::fs;

#[test]
fn every_find_is_decoded_or_refused_without_a_panic() {
    let mut count = 0;
    for entry in fs::read_dir(fixtures("fuzz")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let (refusing, repairing) = (read(&bytes), decode(&bytes, &REPAIRING));
        for error in [&refusing, &repairing].into_iter().filter_map(|result| result.as_ref().err())
        {
            assert!(!error.to_string().contains("panicked"), "{}: {error}", path.display());
        }
        assert!(refusing.is_err() || refusing == repairing, "{}", path.display());
        count += 1;
    }
    assert!(count > 0, "the finds are gone");
}
