//! A decoder that has read other pictures finds what a new one finds.

use crate::{Decoder, PICTURES, Wanted, decode, decode_with, picture};
use proptest::{collection::vec, prelude::*, sample::Index};

/// A picture's number, how large it is wanted, and where a byte of it is
/// changed, if any.
type Job = (usize, [u32; 2], Option<(Index, u8)>);

fn jobs() -> impl Strategy<Value = Vec<Job>> {
    let side = || prop_oneof![0_u32..45, Just(u32::MAX)];
    let change = prop::option::weighted(0.3, (any::<Index>(), any::<u8>()));
    vec((0..PICTURES.len(), [side(), side()], change), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_was_decoded_before_does_not_matter(jobs in jobs()) {
        let mut decoder = Decoder::new();
        for (number, [luma, chroma], change) in jobs {
            let mut bytes = picture(PICTURES[number]);
            if let Some((place, value)) = change {
                let at = place.index(bytes.len());
                bytes[at] = value;
            }
            let wanted = Wanted { luma: [luma; 2], chroma: [chroma, luma] };
            let used = decode_with(&mut decoder, &bytes, wanted);
            prop_assert_eq!(used, decode(&bytes, wanted), "{}", PICTURES[number]);
        }
    }
}

#[test]
fn tables_of_the_file_before_are_forgotten() {
    let mut decoder = Decoder::new();
    let wanted = Wanted { luma: [1; 2], chroma: [1; 2] };
    decode_with(&mut decoder, &picture("tall_444"), wanted).unwrap();
    let mut bytes = picture("tall_444");
    for marker in [0xC4, 0xDB] {
        while let Some(at) = bytes.windows(2).position(|pair| pair == [0xFF, marker]) {
            let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
            bytes.drain(at..at + 2 + length);
        }
    }
    let refused = decode_with(&mut decoder, &bytes, wanted);
    assert_eq!(refused, decode(&bytes, wanted));
    assert!(refused.is_err());
}
