//! What the header of a frame says (ITU-T T.81, B.2.2): precision, height,
//! width, and each component's sampling factors.

/// The width, height and number of components of everything in `bytes` that
/// looks like the start of a frame, wherever it is.
pub(crate) fn frames_anywhere(bytes: &[u8]) -> impl Iterator<Item = (u32, u32, u8)> {
    bytes.windows(10).filter_map(|window| match *window {
        [0xFF, 0xC0..=0xC2, length_high, length_low, _, y1, y0, x1, x0, components] => {
            let length = u16::from_be_bytes([length_high, length_low]);
            let fits = length == 8 + 3 * u16::from(components);
            let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
            fits.then(|| (side(x1, x0), side(y1, y0), components))
        }
        _ => None,
    })
}

/// Whether the components of a frame differ in their sampling factors.
pub(super) fn has_small_colour(frame: &[u8]) -> bool {
    let mut factors = frame.get(6..).unwrap_or_default().chunks_exact(3).map(|part| part[1]);
    let first = factors.next();
    factors.any(|other| Some(other) != first)
}

/// How many blocks of 8×8 samples a frame consists of (A.1.1).
pub(super) fn blocks(frame: &[u8]) -> Option<u64> {
    let side =
        |at: usize| Some(u64::from(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?])));
    let (height, width) = (side(1)?, side(3)?);
    let factors = || frame.get(6..).unwrap_or_default().chunks_exact(3).map(|part| part[1]);
    let (across, down) = (|factor: u8| u64::from(factor >> 4), |factor: u8| u64::from(factor & 15));
    let (widest, tallest) =
        (factors().map(across).max()?.max(1), factors().map(down).max()?.max(1));
    let of_part = |factor: u8| {
        (width * across(factor)).div_ceil(8 * widest)
            * (height * down(factor)).div_ceil(8 * tallest)
    };
    Some(factors().map(of_part).sum())
}

/// The kinds of table B.1 other than baseline, extended and progressive with
/// Huffman codes and 8 bits a sample.
pub(super) fn unknown_kind(marker: u8, precision: Option<u8>) -> Option<&'static str> {
    match (marker, precision) {
        (0xC3 | 0xC7 | 0xCB | 0xCF, _) => Some("lossless"),
        (0xC5 | 0xC6, _) => Some("hierarchical"),
        (0xC9..=0xCE, _) => Some("arithmetic coding"),
        (_, Some(12)) => Some("12 bits a sample"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_from_the_sampling_factors() {
        // 17×9 pixels: luma of full size, colours of half of it.
        let halved = [8, 0, 9, 0, 17, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
        assert_eq!(blocks(&halved), Some(3 * 2 + 2 + 2));
        assert_eq!(blocks(&[8, 0, 9, 0, 17, 1, 1, 0x22, 0]), Some(3 * 2));
        assert_eq!(blocks(&halved[..5]), None);
    }

    #[test]
    fn frames_are_found_wherever_they_are() {
        let frame = [0xFF, 0xC2, 0, 17, 8, 1, 2, 3, 4, 3];
        let bytes = [&[0xFF, 0xC0, 0, 17, 8][..], &frame].concat();
        assert_eq!(frames_anywhere(&bytes).collect::<Vec<_>>(), [(0x304, 0x102, 3)]);
    }
}
