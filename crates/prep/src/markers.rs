//! The markers of a JPEG file (ITU-T T.81, annex B): what its decoder does
//! not tell. A file that ends before its end-of-image marker is truncated,
//! even where the decoder found enough of it.

const END_OF_IMAGE: u8 = 0xD9;
const ADOBE_SEGMENT: u8 = 0xEE;

/// What the segments before the end of the image say.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    components: u8,
    has_adobe_segment: bool,
}

impl Layout {
    /// Four inks that are stored as they are. Adobe's programs store them
    /// inverted, say so in a segment of their own, and nearly all CMYK files
    /// are of that kind.
    pub(crate) fn is_plain_cmyk(self) -> bool {
        self.components == 4 && !self.has_adobe_segment
    }
}

/// Walks the segments up to the end-of-image marker; `None` when the file
/// ends before it.
pub(crate) fn scan(bytes: &[u8]) -> Option<Layout> {
    let mut layout = Layout::default();
    let mut rest = bytes;
    loop {
        let (marker, after) = next_marker(rest)?;
        rest = match marker {
            END_OF_IMAGE => return Some(layout),
            // Markers without a segment: start of image, restarts, TEM.
            0x01 | 0xD0..=0xD8 => after,
            _ => {
                let (segment, after) = take_segment(after)?;
                note_segment(&mut layout, marker, segment);
                after
            }
        };
    }
}

/// The next marker and what follows it. Bytes before it are skipped: entropy
/// coded data after a scan's header, junk elsewhere. In that data `FF 00` is
/// an escaped byte.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes;
    loop {
        let start = rest.iter().position(|&byte| byte == 0xFF)?;
        rest = &rest[start + 1..];
        match *rest.first()? {
            0x00 => rest = &rest[1..],
            // A fill byte; the next one may start the marker.
            0xFF => {}
            marker => return Some((marker, &rest[1..])),
        }
    }
}

/// A segment's content, without the length in front of it.
fn take_segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_be_bytes([*bytes.first()?, *bytes.get(1)?]));
    Some((bytes.get(2..length.max(2))?, bytes.get(length.max(2)..)?))
}

fn note_segment(layout: &mut Layout, marker: u8, segment: &[u8]) {
    match marker {
        ADOBE_SEGMENT if segment.starts_with(b"Adobe") => layout.has_adobe_segment = true,
        // Start of frame: precision, height, width, components. C4, C8 and CC
        // lie in the same range and are tables.
        0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
            layout.components = segment.get(5).copied().unwrap_or(0);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] =
        &[0xFF, 0xD8, 0xFF, 0xC0, 0, 9, 8, 0, 1, 0, 1, 4, 0xEE, 0xFF, 0xDA, 0, 3, 1];

    fn file(tail: &[u8]) -> Vec<u8> {
        [HEAD, tail].concat()
    }

    #[test]
    fn data_with_escapes_and_restarts_ends_at_the_marker() {
        let layout = scan(&file(&[1, 0xFF, 0, 2, 0xFF, 0xD0, 3, 0xFF, 0xFF, 0xD9, 9]));
        assert_eq!(layout, Some(Layout { components: 4, has_adobe_segment: false }));
    }

    #[test]
    fn a_file_without_end_is_truncated_wherever_it_stops() {
        let whole = file(&[1, 0xFF, 0, 2, 0xFF, 0xD9]);
        for length in 0..whole.len() {
            assert_eq!(scan(&whole[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn the_adobe_segment_tells_inverted_inks() {
        let adobe = [&[0xFF, 0xD8, 0xFF, 0xEE, 0, 7], &b"Adobe"[..], &HEAD[2..]].concat();
        let layout = scan(&[&adobe[..], &[0xFF, 0xD9]].concat()).expect("it has an end");
        assert!(!layout.is_plain_cmyk());
        assert_eq!(layout.components, 4);
    }
}
