//! Why a file is refused.

use crate::facts::Format;
use shoebox_artifact::console::one_line;

/// Why a file is not a picture that can be used. The text is a fact to follow
/// the file's path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The first bytes are of no format that is read here.
    #[error("not a picture: the content is none of JPEG, PNG, WebP, GIF, BMP and TIFF")]
    UnknownFormat,
    /// The file ends before the picture does.
    #[error("the JPEG is truncated: its data ends before the picture does")]
    Truncated,
    /// The file was to be repaired, and too little of it is there.
    #[error("the JPEG is damaged, and too little of it is there to repair it: {there}")]
    BeyondRepair {
        /// What is there, and what is missing.
        there: String,
    },
    /// The header claims more pixels than the spec allows.
    #[error(
        "too large: it claims {width}×{height} pixels, {} in all, and data.limits.pixels is {limit}",
        u64::from(*width) * u64::from(*height)
    )]
    TooManyPixels {
        /// In pixels, as the header claims.
        width: u32,
        /// In pixels, as the header claims.
        height: u32,
        /// The spec's limit.
        limit: u64,
    },
    /// The decoded picture would be larger than the spec allows.
    #[error(
        "too large: its {width}×{height} pixels take {bytes} bytes, and data.limits.bytes is {limit}"
    )]
    TooManyBytes {
        /// In pixels, as the header claims.
        width: u32,
        /// In pixels, as the header claims.
        height: u32,
        /// Of the decoded picture, at its own depth.
        bytes: u64,
        /// The spec's limit.
        limit: u64,
    },
    /// The decoder would need more memory than the spec allows.
    #[error("too large: decoding this {format} takes more memory than data.limits.bytes, {limit}")]
    TooMuchMemory {
        /// `JPEG`, `PNG`, …
        format: &'static str,
        /// The spec's limit.
        limit: u64,
    },
    /// The file is longer than the spec allows; it is not read.
    #[error("too large: the file has {bytes} bytes, and data.limits.bytes is {limit}")]
    FileTooLong {
        /// Of the file, in bytes.
        bytes: u64,
        /// The spec's limit.
        limit: u64,
    },
    /// A picture of a kind that exists and is not decoded here.
    #[error("a kind of {format} that is not read here: {kind}")]
    Unsupported {
        /// `JPEG`, `PNG`, …
        format: &'static str,
        /// What is unusual about it, on one line.
        kind: String,
    },
    /// The decoder gave up.
    #[error("broken {format}: {message}")]
    Broken {
        /// `JPEG`, `PNG`, …
        format: &'static str,
        /// What the decoder said, on one line.
        message: String,
    },
}

impl DecodeError {
    pub(crate) fn broken(format: Format, message: &str) -> Self {
        Self::Broken { format: format.name(), message: fact(message) }
    }

    pub(crate) fn unsupported(format: Format, kind: &str) -> Self {
        Self::Unsupported { format: format.name(), kind: fact(kind) }
    }
}

/// Some decoders answer with several lines, or in quotes, or with bytes of the
/// file that would do something to a terminal; a fact is one line.
fn fact(message: &str) -> String {
    let words: Vec<_> = message.split_whitespace().collect();
    one_line(words.join(" ").trim_matches(['"', '.']))
}
