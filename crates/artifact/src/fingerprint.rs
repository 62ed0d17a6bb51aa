//! Content digests (BLAKE3), the links of the chain source → cache → run → checkpoint.

use crate::ArtifactError;
use serde::Serialize;
use std::{fs::File, io::Read, path::Path};

/// Bytes that are read and digested at a time: enough for every core, and few
/// enough for the processor's cache.
const PIECE: usize = 1 << 20;

/// The digest of `bytes`: 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The digest of `bytes`, as it is.
pub fn digest_bytes(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

/// The digest that 64 hexadecimal digits spell.
pub fn parse(text: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(text).ok().map(|hash| *hash.as_bytes())
}

/// A digest of bytes that come in pieces.
#[derive(Debug, Default)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Appends bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them: 64 hexadecimal digits.
    pub fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// The digest of a file's content: 64 hexadecimal digits. Reads in pieces of
/// 1 MiB, so memory does not grow with the file.
///
/// # Errors
/// [`ArtifactError::Io`] when it cannot be read.
pub fn digest_file(path: &Path) -> Result<String, ArtifactError> {
    let mut file = File::open(path).map_err(ArtifactError::io(path, "read"))?;
    let length = file.metadata().map_err(ArtifactError::io(path, "read"))?.len();
    let mut buffer = vec![0; PIECE.min(usize::try_from(length).unwrap_or(PIECE).max(1))];
    let mut hasher = Hasher::default();
    loop {
        match file.read(&mut buffer).map_err(ArtifactError::io(path, "read"))? {
            0 => return Ok(hasher.finish()),
            length => hasher.update(&buffer[..length]),
        };
    }
}

/// The digest of a value's compact JSON: 64 hexadecimal digits. Equal for
/// equal values, since field order is the type's.
pub fn digest_json<T: Serialize>(value: &T) -> String {
    // Records hold strings, numbers, lists and string-keyed maps: nothing JSON lacks.
    digest(&serde_json::to_vec(value).expect("a record is always JSON"))
}

/// The first 16 digits of a digest, used in folder names.
pub fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}
