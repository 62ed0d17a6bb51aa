//! What is looked for in the pictures, and what follows from it.

use crate::keys::Problem;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// `off`, or what to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditSpec {
    /// Nothing beyond what decoding shows anyway.
    Off,
    /// Everything.
    On(AuditRules),
}

/// The audit's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditRules {
    /// Two pictures count as alike when at most this many of the 64 bits of
    /// their perceptual hashes differ, 0–12.
    pub near_duplicates: u32,
    /// What to do about pictures that are alike in different splits.
    pub leakage: Leakage,
}

/// What to do about a picture whose like is in another split too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leakage {
    /// Say it.
    #[default]
    Warn,
    /// Make no cache.
    Error,
    /// Leave the training copy out, and record it; between val and test, val's.
    Drop,
}

const MAX_DISTANCE: u32 = 12;

impl Default for AuditRules {
    fn default() -> Self {
        Self { near_duplicates: 8, leakage: Leakage::default() }
    }
}

impl Default for AuditSpec {
    fn default() -> Self {
        Self::On(AuditRules::default())
    }
}

impl AuditSpec {
    /// The settings, unless it is off.
    pub fn rules(&self) -> Option<&AuditRules> {
        match self {
            Self::Off => None,
            Self::On(rules) => Some(rules),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Problem> {
        match self.rules() {
            Some(rules) if rules.near_duplicates > MAX_DISTANCE => Err(Problem::new(
                "data.audit.near_duplicates",
                format!(
                    "{} of 64 bits may differ in pictures that have nothing in common; give 0 to {MAX_DISTANCE}",
                    rules.near_duplicates
                ),
            )),
            _ => Ok(()),
        }
    }
}

impl Serialize for AuditSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_str("off"),
            Self::On(rules) => rules.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for AuditSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = AuditSpec;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("`off`, or a map such as {leakage: warn}")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<AuditSpec, E> {
                match word {
                    "off" => Ok(AuditSpec::Off),
                    _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<AuditSpec, A::Error> {
                AuditRules::deserialize(de::value::MapAccessDeserializer::new(map))
                    .map(AuditSpec::On)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
