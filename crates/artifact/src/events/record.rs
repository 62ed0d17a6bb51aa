//! TFRecord: lengths and checksums around a message.

use prost::Message;

/// `message` as one record.
pub fn framed(message: &impl Message) -> Vec<u8> {
    let content = message.encode_to_vec();
    let length = (content.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(content.len() + 16);
    record.extend(length);
    record.extend(masked_checksum(&length).to_le_bytes());
    record.extend(&content);
    record.extend(masked_checksum(&content).to_le_bytes());
    record
}

/// The CRC-32C, turned and moved: a checksum of bytes that hold their own
/// checksum would say little (TensorFlow, `lib/hash/crc32c.h`).
fn masked_checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}
