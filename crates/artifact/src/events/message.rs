//! The part of TensorFlow's messages that is used, by the field numbers of its
//! `event.proto`, `summary.proto` and `tensor.proto`.

use super::Shown;
use prost::{Enumeration, Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub struct Event {
    /// Seconds since 1970 (UTC).
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    #[prost(int64, tag = "2")]
    pub step: i64,
    #[prost(oneof = "What", tags = "3, 5, 7")]
    pub what: Option<What>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum What {
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
    #[prost(message, tag = "7")]
    SessionLog(SessionLog),
}

#[derive(Clone, PartialEq, Message)]
pub struct SessionLog {
    #[prost(int32, tag = "1")]
    pub status: i32,
}

impl SessionLog {
    pub const START: i32 = 1;
}

#[derive(Clone, PartialEq, Message)]
pub struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub value: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Value {
    #[prost(string, tag = "1")]
    pub tag: String,
    #[prost(message, optional, tag = "9")]
    pub metadata: Option<Metadata>,
    #[prost(oneof = "Content", tags = "2, 4, 8")]
    pub content: Option<Content>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum Content {
    #[prost(float, tag = "2")]
    Simple(f32),
    #[prost(message, tag = "4")]
    Image(Image),
    #[prost(message, tag = "8")]
    Tensor(Tensor),
}

/// Which of TensorBoard's plugins shows a value; numbers and images go without.
#[derive(Clone, PartialEq, Message)]
pub struct Metadata {
    #[prost(message, optional, tag = "1")]
    pub plugin: Option<Plugin>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Plugin {
    #[prost(string, tag = "1")]
    pub name: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Image {
    #[prost(int32, tag = "1")]
    pub height: i32,
    #[prost(int32, tag = "2")]
    pub width: i32,
    /// Channels.
    #[prost(int32, tag = "3")]
    pub colorspace: i32,
    #[prost(bytes = "vec", tag = "4")]
    pub encoded: Vec<u8>,
}

/// Without a shape: one element.
#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    #[prost(enumeration = "DataType", tag = "1")]
    pub dtype: i32,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub strings: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum DataType {
    Invalid = 0,
    String = 7,
}

/// `shown` under `tag`.
///
/// # Errors
/// The fact that a picture is no PNG.
pub fn value(tag: &str, shown: Shown<'_>) -> Result<Value, &'static str> {
    let (plugin, content) = match shown {
        Shown::Scalar(number) => (None, Content::Simple(number as f32)),
        Shown::Png(bytes) => (None, Content::Image(image(bytes).ok_or("a picture is no PNG")?)),
        Shown::Text(text) => {
            let strings = vec![text.as_bytes().to_vec()];
            (Some("text"), Content::Tensor(Tensor { dtype: DataType::String.into(), strings }))
        }
    };
    let metadata = plugin.map(|name| Metadata { plugin: Some(Plugin { name: name.to_owned() }) });
    Ok(Value { tag: tag.to_owned(), metadata, content: Some(content) })
}

/// Sizes and channels stand at fixed places of a PNG's first chunk (PNG, third
/// edition, 11.2.1).
fn image(png: &[u8]) -> Option<Image> {
    let header = png.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let side = |at: usize| {
        let bytes = header.get(at..at + 4)?.try_into().ok()?;
        i32::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let colorspace = match header.get(9)? {
        0 => 1,
        4 => 2,
        6 => 4,
        _ => 3,
    };
    Some(Image { width: side(0)?, height: side(4)?, colorspace, encoded: png.to_vec() })
}
