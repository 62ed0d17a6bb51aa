//! Files that are refused, each with its reason.

use crate::{JpegError, PICTURES, WHOLE, decode, picture, refusal};
use shoebox_jpeg::JpegError::{Corrupt, Data, Truncated, Unsupported};
use std::fs;

const SOF: u8 = 0xC0;
const DHT: u8 = 0xC4;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DQT: u8 = 0xDB;

/// Where a marker stands for the first time; no segment of the fixtures has
/// the same two bytes inside.
fn find(bytes: &[u8], marker: u8) -> usize {
    bytes.windows(2).position(|pair| pair == [0xFF, marker]).unwrap()
}

/// The bytes with others from `at` bytes behind a marker on.
fn patch(name: &str, marker: u8, at: usize, patch: &[u8]) -> Vec<u8> {
    let mut bytes = picture(name);
    let start = find(&bytes, marker) + at;
    bytes[start..start + patch.len()].copy_from_slice(patch);
    bytes
}

/// The bytes without any segment behind this marker.
fn without(name: &str, marker: u8) -> Vec<u8> {
    let mut bytes = picture(name);
    while let Some(start) = bytes.windows(2).position(|pair| pair == [0xFF, marker]) {
        let length = usize::from(u16::from_be_bytes([bytes[start + 2], bytes[start + 3]]));
        bytes.drain(start..start + 2 + length);
    }
    bytes
}

/// The bytes with others in front of a marker.
fn insert(name: &str, marker: u8, more: &[u8]) -> Vec<u8> {
    let mut bytes = picture(name);
    let at = find(&bytes, marker);
    bytes.splice(at..at, more.iter().copied());
    bytes
}

#[test]
fn other_processes_are_left_to_others() {
    for (marker, kind) in [
        (0xC2, "progressive"),
        (0xC3, "lossless or hierarchical"),
        (0xC5, "lossless or hierarchical"),
        (0xC9, "arithmetic coding"),
        (0xCA, "arithmetic coding"),
    ] {
        let bytes = patch("tall_420", SOF, 0, &[0xFF, marker]);
        assert_eq!(refusal(&bytes), Unsupported(kind), "{marker:x}");
    }
    let conditioned = insert("tall_420", SOS, &[0xFF, 0xCC, 0, 4, 0, 0]);
    assert_eq!(refusal(&conditioned), Unsupported("arithmetic coding"));
}

#[test]
fn twelve_bits_and_four_inks_are_left_to_others() {
    let deep = patch("tall_grey", SOF, 0, &[0xFF, 0xC1, 0, 11, 12]);
    assert_eq!(refusal(&deep), Unsupported("samples of other than 8 bits"));
    let inks = [0xFF, SOF, 0, 20, 8, 0, 9, 0, 7, 4, 1, 17, 0, 2, 17, 0, 3, 17, 0, 4, 17, 0];
    let mut bytes = picture("small_420");
    let at = find(&bytes, SOF);
    bytes.splice(at..at + 19, inks);
    assert_eq!(refusal(&bytes), Unsupported("other than 1 or 3 components"));
}

#[test]
fn a_size_told_later_and_factors_of_three_are_left_to_others() {
    let late = patch("tall_420", SOF, 5, &[0, 0]);
    assert_eq!(refusal(&late), Unsupported("a size that is told later, or 0"));
    let lines = insert("tall_420", EOI, &[0xFF, 0xDC, 0, 4, 0, 33]);
    assert_eq!(refusal(&lines), Unsupported("lines or hierarchy told late"));
    let three = patch("tall_420", SOF, 11, &[0x31]);
    assert_eq!(refusal(&three), Unsupported("sampling factors other than 1, 2 and 4"));
}

#[test]
fn an_extended_sequential_file_is_read_like_a_baseline_one() {
    let extended = patch("tall_420", SOF, 0, &[0xFF, 0xC1]);
    let both = [extended, picture("tall_420")].map(|bytes| decode(&bytes, WHOLE).unwrap());
    assert_eq!(both[0], both[1]);
}

#[test]
fn what_is_no_jpeg_is_refused() {
    for bytes in [&b""[..], &b"\xFF"[..], &b"\x89PNG\r\n\x1A\n"[..], &b"\xFF\xD9"[..]] {
        assert_eq!(refusal(bytes), Corrupt("no start-of-image marker"));
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for name in PICTURES {
        let bytes = picture(name);
        for length in 0..bytes.len() {
            let cut = decode(&bytes[..length], WHOLE);
            assert!(cut.is_err(), "{name} cut to {length} of {} bytes", bytes.len());
        }
        assert!(decode(&bytes, WHOLE).is_ok(), "{name}");
    }
}

#[test]
fn an_end_marker_in_the_middle_of_the_data_is_no_end() {
    for name in ["tall_420", "restarts_444", "scans_420", "tall_grey"] {
        let bytes = picture(name);
        let scan = find(&bytes, SOS) + 2;
        let data = scan + usize::from(bytes[scan + 1]);
        // The last byte may hold nothing but the bits that fill it up.
        for length in data..bytes.len() - 3 {
            let ended = [&bytes[..length], &[0xFF, EOI]].concat();
            assert!(decode(&ended, WHOLE).is_err(), "{name} ended after {length} bytes");
        }
    }
}

#[test]
fn a_claimed_size_takes_no_memory() {
    let bytes = patch("one_pixel_grey", SOF, 5, &[0xFF; 4]);
    let before = peak_bytes();
    assert_eq!(refusal(&bytes), Truncated);
    // The plane would take 4 GiB; the other tests take a few MiB meanwhile.
    assert!(peak_bytes() - before < 1 << 30);
}

/// The most memory that this process has asked for at a time; 0 where the
/// system does not tell.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
    kilobytes.map_or(0, |number| number.trim().parse::<u64>().unwrap() << 10)
}

#[test]
fn tables_that_are_missing_are_named() {
    let missing = Unsupported("tables that the file does not define");
    for marker in [DHT, DQT] {
        assert_eq!(refusal(&without("tall_420", marker)), missing, "{marker:x}");
    }
    // The scan's components with tables beyond those that there are.
    assert_eq!(refusal(&patch("tall_grey", SOS, 6, &[0x22])), missing);
    assert_eq!(refusal(&patch("tall_grey", SOS, 6, &[0xFF])), missing);
}

#[test]
fn tables_of_a_wrong_shape_are_damage() {
    assert_eq!(
        refusal(&patch("tall_grey", DHT, 4, &[0x04])),
        Corrupt("a Huffman table beyond the fourth")
    );
    assert_eq!(
        refusal(&patch("tall_grey", DHT, 5, &[3])),
        Corrupt("a Huffman table of a wrong length")
    );
    assert_eq!(
        refusal(&patch("tall_grey", DHT, 21, &[16])),
        Corrupt("a Huffman table with impossible symbols")
    );
    assert_eq!(
        refusal(&patch("tall_grey", DQT, 4, &[0x04])),
        Corrupt("a quantisation table beyond the fourth")
    );
    assert_eq!(
        refusal(&patch("tall_grey", DQT, 4, &[0x20])),
        Corrupt("a quantisation table of unknown precision")
    );
    assert_eq!(
        refusal(&patch("tall_grey", DQT, 4, &[0x10])),
        Corrupt("a quantisation table of a wrong length")
    );
}

#[test]
fn restart_markers_come_in_turn() {
    let out_of_turn = Corrupt("a restart marker out of turn");
    assert_eq!(refusal(&patch("restarts_444", 0xD0, 1, &[0xD1])), out_of_turn);
    assert_eq!(refusal(&patch("restarts_444", 0xD7, 1, &[0xD0])), out_of_turn);
    // One too many, and one where none was announced.
    let many = insert("restarts_444", EOI, &[0xFF, 0xD3]);
    assert_eq!(refusal(&many), Corrupt("a marker out of place"));
    assert_eq!(refusal(&insert("tall_420", EOI, &[0xFF, 0xD0])), Corrupt("a marker out of place"));
    // One that is missing: two intervals run into each other.
    let mut bytes = picture("restarts_444");
    let at = find(&bytes, 0xD2);
    bytes.drain(at..at + 2);
    assert!(matches!(refusal(&bytes), Corrupt(_) | Data(_)));
}

#[test]
fn data_left_over_is_damage() {
    let left_over = Data("data that belongs to no block");
    for more in [&[1][..], &[0, 0xFF, 0], &[1, 2, 3, 4], &[0; 65]] {
        assert_eq!(refusal(&insert("tall_420", EOI, more)), left_over);
        assert_eq!(refusal(&insert("restarts_444", 0xD4, more)), left_over);
    }
}

#[test]
fn bytes_that_only_fill_up_the_data_do_not_matter() {
    for more in [&[0][..], &[0; 64], &[0xFF, 0], &[0xFF, 0, 0xFF, 0], &[0xFF, 0xFF]] {
        let same = |name: &str, marker: u8| {
            decode(&insert(name, marker, more), WHOLE) == decode(&picture(name), WHOLE)
        };
        assert!(same("tall_420", EOI) && same("restarts_444", 0xD4), "{more:?}");
    }
}

#[test]
fn a_component_comes_once() {
    // Twice in a scan, and in two scans.
    assert_eq!(refusal(&patch("tall_444", SOS, 7, &[1])), twice());
    let mut bytes = picture("scans_420");
    let second = bytes.windows(6).position(|six| six == [0xFF, SOS, 0, 8, 1, 2]).unwrap();
    bytes[second + 5] = 1;
    assert_eq!(refusal(&bytes), twice());
}

fn twice() -> JpegError {
    Corrupt("a component in two scans")
}

#[test]
fn a_component_without_a_scan_is_missing() {
    let mut bytes = picture("scans_420");
    let third = bytes.windows(6).position(|six| six == [0xFF, SOS, 0, 8, 1, 3]).unwrap();
    bytes.truncate(third);
    bytes.extend([0xFF, EOI]);
    assert_eq!(refusal(&bytes), Truncated);
}

#[test]
fn scans_fit_the_frame() {
    let misfit = Corrupt("a scan header that does not fit the frame");
    assert_eq!(refusal(&patch("tall_444", SOS, 5, &[9])), misfit);
    // A part of the spectrum, as in progressive files.
    assert_eq!(refusal(&patch("tall_grey", SOS, 8, &[5])), misfit);
    assert_eq!(refusal(&patch("tall_grey", SOS, 4, &[0])), misfit);
    assert_eq!(refusal(&without("tall_444", SOF)), Corrupt("no frame before the first scan"));
    let frame = [0xFF, SOF, 0, 11, 8, 0, 33, 0, 17, 1, 1, 17, 0];
    assert_eq!(refusal(&insert("tall_grey", SOS, &frame)), Corrupt("two frames"));
}

#[test]
fn what_follows_the_end_does_not_matter() {
    let bytes = [picture("tall_420"), b"\xFF\xD8 a second picture".to_vec()].concat();
    assert_eq!(decode(&bytes, WHOLE), decode(&picture("tall_420"), WHOLE));
}
