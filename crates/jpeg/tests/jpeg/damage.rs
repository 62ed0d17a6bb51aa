//! Whatever the bytes are, decoding ends, with a picture of the right shape or
//! with an error.

use crate::{Decoded, PICTURES, Wanted, decode, picture};
use proptest::{collection::vec, prelude::*, sample::Index};

/// Sizes from tiny to larger than stored, for each plane and axis.
fn wanted() -> impl Strategy<Value = Wanted> {
    let side = prop_oneof![0_u32..50, Just(u32::MAX)];
    let sides = [side.clone(), side];
    (sides.clone(), sides).prop_map(|(luma, chroma)| Wanted { luma, chroma })
}

/// A change to a file: bytes at a place replaced by others, perhaps fewer or
/// more, of a kind that means something to a decoder.
type Change = (Index, usize, Vec<u8>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let byte = prop_oneof![3 => any::<u8>(), 1 => Just(0xFF), 1 => 0xC0_u8..0xE0, 1 => 0_u8..5];
    vec((any::<Index>(), 0_usize..4, vec(byte, 0..4)), 1..6)
}

/// Half of the changes go to the segments in front of the data.
fn change(mut bytes: Vec<u8>, changes: Vec<Change>, headers: bool) -> Vec<u8> {
    let scan = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 14;
    for (place, removed, added) in changes {
        let end = if headers { scan.min(bytes.len()) } else { bytes.len() };
        let at = place.index(end);
        let removed = removed.min(bytes.len() - at);
        bytes.splice(at..at + removed, added);
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

fn assert_shapes(decoded: &Decoded) {
    let sides = [decoded.header.height, decoded.header.width];
    assert!(matches!(decoded.planes.len(), 1 | 3));
    for plane in &decoded.planes {
        assert_eq!(plane.bytes.len(), plane.size[0] * plane.size[1]);
        for axis in [0, 1] {
            assert!((1..=sides[axis] as usize).contains(&plane.size[axis]));
            assert_eq!(plane.covered[axis].ceil() as usize, plane.size[axis]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn changed_pictures_are_decoded_or_refused(
        name in prop::sample::select(&PICTURES[..]),
        changes in changes(),
        headers: bool,
        wanted in wanted(),
    ) {
        if let Ok(decoded) = decode(&change(picture(name), changes, headers), wanted) {
            assert_shapes(&decoded);
        }
    }

    #[test]
    fn bytes_by_chance_are_decoded_or_refused(
        begins_well: bool,
        bytes in vec(any::<u8>(), 0..400),
        wanted in wanted(),
    ) {
        let start: &[u8] = if begins_well { &[0xFF, 0xD8] } else { &[] };
        if let Ok(decoded) = decode(&[start, &bytes].concat(), wanted) {
            assert_shapes(&decoded);
        }
    }

    #[test]
    fn data_by_chance_is_decoded_or_refused(
        name in prop::sample::select(&PICTURES[..]),
        data in vec(any::<u8>(), 0..2000),
        wanted in wanted(),
    ) {
        let bytes = picture(name);
        let scan = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 2;
        let start = scan + usize::from(bytes[scan + 1]);
        if let Ok(decoded) = decode(&[&bytes[..start], &data, &[0xFF, 0xD9]].concat(), wanted) {
            assert_shapes(&decoded);
        }
    }
}
