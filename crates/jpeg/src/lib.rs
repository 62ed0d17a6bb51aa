//! Baseline JPEGs to component planes, at the size that is wanted.
//!
//! A photograph that becomes 224×224 pixels need not be decoded to 12 million,
//! nor become RGB before it is small. So this crate
//!
//! - owns: reading baseline and extended sequential files with Huffman codes and
//!   8 bits a sample, of one component or three, into one plane for each; each
//!   component and axis at 1/8, 2/8, 4/8 or 8/8 of its size, whichever is the
//!   smallest that has the samples that are wanted; which bytes are the EXIF
//!   data, and what the planes mean;
//! - refuses, as [`JpegError::Unsupported`], what other decoders read well
//!   enough: progressive, lossless, hierarchical and arithmetic files, 12 bits a
//!   sample, four inks, sampling factors other than 1, 2 and 4;
//! - refuses files in which anything is missing, contradictory or left over: a
//!   picture is whole, or there is none;
//! - does not enlarge colour to the size of brightness, convert to RGB, or turn:
//!   that costs least once the picture is small.
//!
//! ```text
//! bytes ─ segments ─▶ tables, frame, EXIF           "how large do you want it?"
//!       ─ entropy ──▶ a scan's data without stuffing
//!       ─ block ────▶ 64 coefficients   Huffman codes, several symbols a lookup
//!       ─ transform ▶ 1…8 × 1…8 samples  inverse cosine transform, scaled
//!       ─ decoder ──▶ planes, in buffers kept from picture to picture
//! ```
//!
//! Full-size samples differ from those of libjpeg's accurate transform by 1 at
//! most, and so do the smaller ones from those of libjpeg-turbo's `scale_num`.
//! They are the same on every processor. No input makes the decoder panic or
//! take more memory than the file's length allows for.

mod bits;
mod block;
mod decoder;
mod entropy;
mod error;
mod frame;
mod huffman;
mod lookup;
mod run;
mod scale;
mod scan;
mod segments;
mod steps;
mod tables;
mod transform;

pub use decoder::{Decoder, Header, Picture, Plane, Wanted};
pub use error::JpegError;
pub use frame::ColorModel;
