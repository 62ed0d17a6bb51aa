//! The bytes before the pixels; the diagram is in the crate's documentation.

use serde_json::json;

/// Pixels start at a multiple of this many bytes, so that pages of the file
/// are pages of pixels.
const PAGE: u64 = 4096;

/// The length of the number that safetensors files start with, in bytes.
const LENGTH_FIELD: u64 = 8;

/// More than the header's JSON takes for any shape.
const HEADER_ROOM: u64 = 512;

/// Where the first pixel lies in a file of at most `capacity` rows, in bytes
/// from its start. Fixed before the number of rows is known, so that rows can
/// be written as they come.
pub(crate) fn pixels_start(capacity: u64) -> u64 {
    (LENGTH_FIELD + HEADER_ROOM + 8 * capacity).next_multiple_of(PAGE)
}

/// Everything before the pixels: the header, padded with spaces so that the
/// labels end where the pixels start, and the labels.
pub(crate) fn prologue(pixels_start: u64, labels: &[i64], [height, width]: [u32; 2]) -> Vec<u8> {
    let rows = labels.len() as u64;
    let label_bytes = 8 * rows;
    let pixel_bytes = rows * row_bytes([height, width]);
    let header = json!({
        "labels": {"dtype": "I64", "shape": [rows], "data_offsets": [0, label_bytes]},
        "images": {"dtype": "U8", "shape": [rows, height, width, 3], "data_offsets": [label_bytes, label_bytes + pixel_bytes]},
    });
    let header_bytes = pixels_start - label_bytes - LENGTH_FIELD;
    let mut bytes = Vec::with_capacity(pixels_start as usize);
    bytes.extend(header_bytes.to_le_bytes());
    bytes.extend(header.to_string().into_bytes());
    bytes.resize((LENGTH_FIELD + header_bytes) as usize, b' ');
    bytes.extend(labels.iter().flat_map(|label| label.to_le_bytes()));
    bytes
}

/// The bytes of one `[H,W,3]` picture of this height and width, in pixels.
pub fn row_bytes([height, width]: [u32; 2]) -> u64 {
    u64::from(height) * u64::from(width) * 3
}
