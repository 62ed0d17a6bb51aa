//! The markers of a JPEG file (ITU-T T.81, annex B): what its decoder does
//! not tell. A file that ends before its end-of-image marker is truncated,
//! even where the decoder found enough of it.

mod frame;

pub(crate) use frame::frames_anywhere;

use crate::facts::Notes;
use frame::{blocks, has_small_colour, unknown_kind};

pub(crate) const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const ADOBE_SEGMENT: u8 = 0xEE;
const PROGRESSIVE_FRAME: u8 = 0xC2;

/// What the segments say, up to the end of the image or of the file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    components: u8,
    has_adobe_segment: bool,
    /// The least bits that the picture takes.
    least_bits: u64,
    /// Where the end-of-image marker starts, if there is one.
    end: Option<usize>,
    /// More than one scan is needed for the whole picture.
    pub(crate) has_several_scans: bool,
    /// The components that the current scan starts, which are finished once
    /// another marker follows the scan.
    started: u8,
    /// The components of which a whole scan is there, if only a coarse one.
    finished: u8,
    /// Where a segment starts that the end of the file cuts off.
    cut: Option<usize>,
    /// Not progressive, and its colour has fewer samples than its brightness.
    has_small_colour: bool,
    /// Such a file with a scan for each component: zune-jpeg 0.5.15 takes it
    /// apart wrongly, without a word.
    pub(crate) is_misread: bool,
    /// What kind of JPEG it is, when the decoder does not know that kind.
    pub(crate) unknown_kind: Option<&'static str>,
}

impl Layout {
    /// Four inks that are stored as they are. Adobe's programs store them
    /// inverted, say so in a segment of their own, and nearly all CMYK files
    /// are of that kind.
    pub(crate) fn is_plain_cmyk(self) -> bool {
        self.components == 4 && !self.has_adobe_segment
    }

    /// Whether there is enough data for half of the picture. Each block of a
    /// component takes a bit at least in a progressive JPEG, and two in others.
    pub(crate) fn is_plausible(self, bytes: &[u8]) -> bool {
        self.content(bytes).len() as u64 * 8 >= self.least_bits
    }

    /// Whether each component is there, at least coarsely.
    pub(crate) fn has_whole_picture(self) -> bool {
        self.finished >= self.components
    }

    /// Whether the end-of-image marker is there.
    pub(crate) fn has_end(self) -> bool {
        self.end.is_some()
    }

    /// The file up to its end-of-image marker, and without a segment that the
    /// end of the file cuts off.
    pub(crate) fn content(self, bytes: &[u8]) -> &[u8] {
        let length = self.end.or(self.cut).unwrap_or(bytes.len());
        bytes.get(..length).unwrap_or(bytes)
    }

    /// What becoming RGB does to the picture.
    pub(crate) fn notes(self) -> Notes {
        match self.components {
            1 => Notes::GREY,
            4 => Notes::CMYK,
            _ => Notes::default(),
        }
    }
}

/// Walks the segments up to the end-of-image marker, or as far as they go.
pub(crate) fn scan(bytes: &[u8]) -> Layout {
    let mut layout = Layout::default();
    walk(bytes, &mut layout);
    layout
}

/// Fills in `layout`; `None` when the file ends before its picture does.
fn walk(bytes: &[u8], layout: &mut Layout) -> Option<()> {
    let mut rest = bytes;
    loop {
        let (marker, after) = next_marker(rest)?;
        let start = bytes.len() - after.len() - 2;
        // Restart markers lie inside of a scan; anything else ends it.
        if !matches!(marker, 0xD0..=0xD7) {
            layout.finished = layout.finished.saturating_add(layout.started);
            layout.started = 0;
        }
        rest = match marker {
            END_OF_IMAGE => {
                layout.end = Some(start);
                return Some(());
            }
            // Markers without a segment: start of image, restarts, TEM.
            0x01 | 0xD0..=0xD8 => after,
            _ => {
                let Some((segment, after)) = take_segment(after) else {
                    layout.cut = Some(start);
                    return None;
                };
                note_segment(layout, marker, segment);
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
        START_OF_SCAN => note_scan(layout, segment),
        // Start of frame: precision, height, width, components. C4, C8 and CC
        // lie in the same range and are tables.
        0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
            layout.components = segment.get(5).copied().unwrap_or(0);
            layout.unknown_kind = unknown_kind(marker, segment.first().copied());
            layout.least_bits = blocks(segment).unwrap_or(0);
            // A progressive frame consists of many scans.
            layout.has_several_scans |= marker == PROGRESSIVE_FRAME;
            layout.has_small_colour = marker != PROGRESSIVE_FRAME && has_small_colour(segment);
        }
        _ => {}
    }
}

/// The scan's components, three numbers at the end: the first and the last
/// coefficient, and how far it refines an earlier scan. Only the first scan of
/// the first coefficient starts a component.
fn note_scan(layout: &mut Layout, segment: &[u8]) {
    let Some((&components, rest)) = segment.split_first() else { return };
    if components < layout.components {
        layout.has_several_scans = true;
        layout.is_misread |= layout.has_small_colour;
    }
    let [first, _, refined] = *rest.last_chunk().unwrap_or(&[0; 3]);
    if first == 0 && refined >> 4 == 0 {
        layout.started = components;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of a frame with four components, and of a scan with all.
    const HEAD: &[u8] =
        &[0xFF, 0xD8, 0xFF, 0xC0, 0, 9, 8, 0, 1, 0, 1, 4, 0xEE, 0xFF, 0xDA, 0, 6, 4, 0, 63, 0];

    fn file(tail: &[u8]) -> Vec<u8> {
        [HEAD, tail].concat()
    }

    #[test]
    fn data_with_escapes_and_restarts_ends_at_the_marker() {
        let layout = scan(&file(&[1, 0xFF, 0, 2, 0xFF, 0xD0, 3, 0xFF, 0xFF, 0xD9, 9]));
        assert!(layout.has_end() && layout.has_whole_picture() && !layout.has_several_scans);
        assert_eq!(layout.components, 4);
    }

    #[test]
    fn a_file_without_end_is_truncated_wherever_it_stops() {
        let whole = file(&[1, 0xFF, 0, 2, 0xFF, 0xD9]);
        for length in 0..whole.len() {
            let layout = scan(&whole[..length]);
            assert!(!layout.has_end(), "{length} bytes");
            assert_eq!(layout.has_whole_picture(), layout.components == 0, "{length} bytes");
        }
    }

    #[test]
    fn the_adobe_segment_tells_inverted_inks() {
        let adobe = [&[0xFF, 0xD8, 0xFF, 0xEE, 0, 7], &b"Adobe"[..], &HEAD[2..]].concat();
        let layout = scan(&adobe);
        assert!(!layout.is_plain_cmyk() && scan(HEAD).is_plain_cmyk());
        assert_eq!(layout.notes(), Notes::CMYK);
    }

    #[test]
    fn a_scan_is_whole_once_a_marker_follows_it() {
        let one_of_four = [0xFF, 0xDA, 0, 6, 1, 0, 63, 0, 7];
        let mut bytes = HEAD[..13].to_vec();
        for scans in 1..=4 {
            bytes.extend(one_of_four);
            let layout = scan(&bytes);
            assert!(layout.has_several_scans && !layout.has_whole_picture(), "{scans} scans");
        }
        assert!(scan(&[&bytes[..], &[0xFF, 0xD9]].concat()).has_whole_picture());
    }

    #[test]
    fn a_refining_scan_brings_no_new_component() {
        let refining = [0xFF, 0xDA, 0, 6, 4, 0, 0, 0x10, 7, 0xFF, 0xD9];
        assert!(!scan(&[&HEAD[..13], &refining].concat()).has_whole_picture());
    }

    #[test]
    fn the_content_is_all_but_the_end_and_a_segment_that_is_cut() {
        let in_scan = file(&[1, 2]);
        assert_eq!(scan(&in_scan).content(&in_scan), in_scan);
        let in_table = file(&[1, 2, 0xFF, 0xC4, 0, 9, 1]);
        assert_eq!(scan(&in_table).content(&in_table), in_scan);
        let whole = file(&[1, 2, 0xFF, 0xD9, 3]);
        assert_eq!(scan(&whole).content(&whole), in_scan);
    }

    #[test]
    fn a_kind_that_is_not_decoded_is_named() {
        let kind = |marker: u8, precision: u8| {
            let mut bytes = HEAD.to_vec();
            (bytes[3], bytes[6]) = (marker, precision);
            scan(&bytes).unknown_kind
        };
        assert_eq!(kind(0xC3, 8), Some("lossless"));
        assert_eq!(kind(0xCA, 8), Some("arithmetic coding"));
        assert_eq!(kind(0xC1, 12), Some("12 bits a sample"));
        assert_eq!([kind(0xC0, 8), kind(0xC1, 8), kind(0xC2, 8)], [None; 3]);
    }
}
