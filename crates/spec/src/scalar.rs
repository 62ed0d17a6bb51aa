//! Values that a spec may write in more than one way.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// A height and a width, in pixels or steps: `3` means `[3, 3]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pair(pub [u32; 2]);

impl Pair {
    /// The same number for height and width.
    pub const fn square(side: u32) -> Self {
        Self([side, side])
    }

    /// The height, in pixels or steps.
    pub const fn height(self) -> u32 {
        self.0[0]
    }

    /// The width, in pixels or steps.
    pub const fn width(self) -> u32 {
        self.0[1]
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}×{}", self.height(), self.width())
    }
}

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Pair;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a whole number, or [height, width]")
            }

            fn visit_u64<E: de::Error>(self, side: u64) -> Result<Pair, E> {
                let side = u32::try_from(side)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(side), &self))?;
                Ok(Pair::square(side))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Pair, A::Error> {
                let mut side = |position| {
                    list.next_element()?
                        .ok_or_else(|| de::Error::invalid_length(position, &Visitor))
                };
                let pair = Pair([side(0)?, side(1)?]);
                match list.next_element::<de::IgnoredAny>()? {
                    None => Ok(pair),
                    Some(_) => Err(de::Error::invalid_length(3, &Visitor)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Reads a whole number, or a `word` that means `value`.
struct NumberOr<T> {
    word: &'static str,
    value: T,
    number: fn(u32) -> T,
}

impl<T> NumberOr<T> {
    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<T> de::Visitor<'_> for NumberOr<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a whole number, or `{}`", self.word)
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<T, E> {
        u32::try_from(count)
            .map(self.number)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(count), &self))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<T, E> {
        match word == self.word {
            true => Ok(self.value),
            false => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
        }
    }
}

/// How many outputs a dense layer has: a number, or `classes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// One output per class of the data.
    Classes,
    /// This many outputs.
    Count(u32),
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Classes => serializer.serialize_str("classes"),
            Self::Count(count) => serializer.serialize_u32(*count),
        }
    }
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NumberOr { word: "classes", value: Units::Classes, number: Units::Count }.read(deserializer)
    }
}

/// Samples per step: a number, or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchSize {
    /// As many as the device has room for.
    Auto,
    /// This many.
    Count(u32),
}

impl Serialize for BatchSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Count(count) => serializer.serialize_u32(*count),
        }
    }
}

impl<'de> Deserialize<'de> for BatchSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NumberOr { word: "auto", value: BatchSize::Auto, number: BatchSize::Count }
            .read(deserializer)
    }
}

/// Where the numbers are computed: `auto`, `cpu`, `cuda` or `cuda:1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// `cuda:0` when there is one, else the CPU; what was chosen is printed.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The CUDA device of this index.
    Cuda(u32),
}

impl fmt::Display for Device {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => out.write_str("auto"),
            Self::Cpu => out.write_str("cpu"),
            Self::Cuda(index) => write!(out, "cuda:{index}"),
        }
    }
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Device {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let cuda = |index: &str| index.parse().ok().map(Self::Cuda);
        match word {
            "auto" => Some(Self::Auto),
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            other => other.strip_prefix("cuda:").and_then(cuda),
        }
        .ok_or_else(|| format!("`{word}` is no device, expected `auto`, `cpu`, `cuda` or `cuda:1`"))
    }
}

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Device;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("`auto`, `cpu`, `cuda` or `cuda:1`")
            }

            // Failing in here gives the error the line of the word.
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Device, E> {
                word.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}
