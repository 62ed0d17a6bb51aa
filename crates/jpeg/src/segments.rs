//! The markers of a file and what the segments behind them say (T.81, annex B).

use crate::{
    entropy,
    error::JpegError,
    frame::{ColorModel, Frame},
    tables::Tables,
};
use std::ops::Range;

pub(crate) const SOI: u8 = 0xD8;
pub(crate) const EOI: u8 = 0xD9;
pub(crate) const SOS: u8 = 0xDA;
const SOF_BASELINE: u8 = 0xC0;
const SOF_EXTENDED: u8 = 0xC1;
const DHT: u8 = 0xC4;
const DQT: u8 = 0xDB;
const DRI: u8 = 0xDD;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP14: u8 = 0xEE;

/// Walks from marker to marker.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) position: usize,
}

impl<'a> Cursor<'a> {
    /// The code of the marker that follows here.
    ///
    /// # Errors
    /// `Truncated` at the end, `Corrupt` where anything else follows.
    pub(crate) fn next_marker(&mut self) -> Result<u8, JpegError> {
        let rest = self.bytes.get(self.position..).ok_or(JpegError::Truncated)?;
        // A marker may have any number of these in front.
        let fill = rest.iter().take_while(|&&byte| byte == 0xFF).count();
        let code = *rest.get(fill).ok_or(JpegError::Truncated)?;
        if fill == 0 || code == 0 {
            return Err(JpegError::Corrupt("no marker where one must be"));
        }
        self.position += fill + 1;
        Ok(code)
    }

    /// The bytes of the segment behind a marker, without their length.
    ///
    /// # Errors
    /// `Truncated` when the file ends within, `Corrupt` for an impossible length.
    pub(crate) fn body(&mut self) -> Result<&'a [u8], JpegError> {
        let rest = self.bytes.get(self.position..).ok_or(JpegError::Truncated)?;
        let length = *rest.first_chunk::<2>().ok_or(JpegError::Truncated)?;
        let length = usize::from(u16::from_be_bytes(length));
        if length < 2 {
            return Err(JpegError::Corrupt("a segment shorter than its own length"));
        }
        let body = rest.get(2..length).ok_or(JpegError::Truncated)?;
        self.position += length;
        Ok(body)
    }

    /// As [`entropy::unstuff`], from here on; afterwards at the marker.
    pub(crate) fn unstuff(&mut self, segment: &mut Vec<u8>) -> Result<(), JpegError> {
        self.position = entropy::unstuff(self.bytes, self.position, segment)?;
        Ok(())
    }
}

/// What the segments said so far, apart from the tables.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) frame: Option<Frame>,
    /// MCUs between restart markers; 0 for none.
    pub(crate) restart_interval: usize,
    /// Where the EXIF data lies, beginning with its byte order.
    pub(crate) exif: Option<Range<usize>>,
    jfif: bool,
    adobe_transform: Option<u8>,
}

impl Said {
    /// Takes in the segment behind `marker`, up to the next one.
    ///
    /// # Errors
    /// As the segment's own parser; `Unsupported` for other processes.
    pub(crate) fn take(
        &mut self,
        marker: u8,
        cursor: &mut Cursor<'_>,
        tables: &mut Tables,
    ) -> Result<(), JpegError> {
        match marker {
            0xC2 | 0xC6 => return Err(JpegError::Unsupported("progressive")),
            0xC3 | 0xC5 | 0xC7 => return Err(JpegError::Unsupported("lossless or hierarchical")),
            0xC8..=0xCF => return Err(JpegError::Unsupported("arithmetic coding")),
            0xDC | 0xDE | 0xDF => {
                return Err(JpegError::Unsupported("lines or hierarchy told late"));
            }
            0x01..=0xBF | 0xD0..=SOS => return Err(JpegError::Corrupt("a marker out of place")),
            _ => {}
        }
        let body = cursor.body()?;
        match marker {
            SOF_BASELINE | SOF_EXTENDED if self.frame.is_some() => {
                return Err(JpegError::Corrupt("two frames"));
            }
            SOF_BASELINE | SOF_EXTENDED => self.frame = Some(Frame::parse(body)?),
            DHT => tables.define_codes(body)?,
            DQT => tables.define_quantization(body)?,
            DRI => self.restart_interval = interval(body)?,
            APP0 => self.jfif |= body.starts_with(b"JFIF\0"),
            // Of several the last one counts, as in zune-jpeg.
            APP1 if body.starts_with(b"Exif\0\0") && body.len() > 6 => {
                self.exif = Some(cursor.position - body.len() + 6..cursor.position);
            }
            APP14 if body.starts_with(b"Adobe") => {
                self.adobe_transform = body.get(11).copied().or(self.adobe_transform);
                if self.adobe_transform.is_some_and(|transform| transform > 2) {
                    return Err(JpegError::Unsupported("an unknown Adobe transform"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What the components mean, by libjpeg's rules: JFIF has YCbCr; else
    /// Adobe's segment tells; else components called R, G and B are that.
    pub(crate) fn color(&self, frame: &Frame) -> ColorModel {
        let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
        match (ids.as_slice(), self.jfif, self.adobe_transform) {
            ([_], _, _) => ColorModel::Grey,
            (_, true, _) => ColorModel::YCbCr,
            (_, _, Some(0)) => ColorModel::Rgb,
            (_, _, Some(_)) => ColorModel::YCbCr,
            (b"RGB", _, None) => ColorModel::Rgb,
            _ => ColorModel::YCbCr,
        }
    }
}

fn interval(body: &[u8]) -> Result<usize, JpegError> {
    let wrong = JpegError::Corrupt("a restart interval of a wrong length");
    Ok(usize::from(u16::from_be_bytes(body.try_into().map_err(|_| wrong)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(ids: &[u8], jfif: bool, adobe_transform: Option<u8>) -> ColorModel {
        let mut body = vec![8, 0, 1, 0, 1, ids.len() as u8];
        ids.iter().for_each(|&id| body.extend([id, 0x11, 0]));
        let frame = Frame::parse(&body).unwrap();
        Said { jfif, adobe_transform, ..Said::default() }.color(&frame)
    }

    #[test]
    fn colours_follow_libjpegs_rules() {
        assert_eq!(color(&[1], false, None), ColorModel::Grey);
        assert_eq!(color(&[1, 2, 3], false, None), ColorModel::YCbCr);
        assert_eq!(color(&[1, 2, 3], false, Some(0)), ColorModel::Rgb);
        assert_eq!(color(&[1, 2, 3], true, Some(0)), ColorModel::YCbCr);
        assert_eq!(color(b"RGB", false, None), ColorModel::Rgb);
        assert_eq!(color(b"RGB", false, Some(1)), ColorModel::YCbCr);
    }

    #[test]
    fn a_transform_that_adobe_did_not_define_is_left_to_others() {
        let take = |transform: u8| {
            let bytes = [&[0, 14][..], b"Adobe", &[0, 100, 0, 0, 0, 0, transform]].concat();
            let mut cursor = Cursor { bytes: &bytes, position: 0 };
            Said::default().take(APP14, &mut cursor, &mut Tables::default())
        };
        assert_eq!(take(2), Ok(()));
        assert_eq!(take(3), Err(JpegError::Unsupported("an unknown Adobe transform")));
    }

    #[test]
    fn segments_have_their_length_in_front() {
        let mut cursor = Cursor { bytes: &[0xFF, 0xFF, 0xE1, 0, 4, 7, 8, 9], position: 0 };
        assert_eq!(cursor.next_marker(), Ok(0xE1));
        assert_eq!(cursor.body(), Ok(&[7, 8][..]));
        assert_eq!(cursor.next_marker(), Err(JpegError::Corrupt("no marker where one must be")));
        for (bytes, error) in [
            (&[0, 1][..], JpegError::Corrupt("a segment shorter than its own length")),
            (&[0], JpegError::Truncated),
            (&[0, 3], JpegError::Truncated),
        ] {
            assert_eq!(Cursor { bytes, position: 0 }.body(), Err(error));
        }
    }

    #[test]
    fn exif_data_begins_with_its_byte_order() {
        let mut said = Said::default();
        // Of several segments the last one counts, unless it is empty.
        let bytes = b"\0\x0CExif\0\0II*\0\0\x0CExif\0\0MM\0*\0\x08Exif\0\0";
        let mut cursor = Cursor { bytes, position: 0 };
        for _ in 0..3 {
            said.take(APP1, &mut cursor, &mut Tables::default()).unwrap();
        }
        assert_eq!(&bytes[said.exif.unwrap()], b"MM\0*");
    }
}
