//! Why a file was not read.

/// What kept a JPEG from being read. The text is a fact to follow the file's
/// path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JpegError {
    /// The file may be sound, but is of a kind that this reader leaves to others.
    #[error("a JPEG of a kind that is not read here: {0}")]
    Unsupported(&'static str),
    /// The bytes break the format's rules, or are no JPEG at all.
    #[error("a damaged JPEG: {0}")]
    Corrupt(&'static str),
    /// The coded picture itself is damaged, whoever reads it: some of its blocks
    /// are not what was stored.
    #[error("a JPEG with damaged data: {0}")]
    Data(&'static str),
    /// The data ends before the picture does.
    #[error("the JPEG is truncated: its data ends before the end-of-image marker")]
    Truncated,
    /// The caller, asked for the size that it wants, wanted none.
    #[error("the picture was refused after its header had been read")]
    Refused,
}
