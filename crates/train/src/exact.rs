//! Numbers that come back from JSON with every bit.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// An f64 that JSON holds as the shortest text that means no other: readers of
/// JSON numbers may miss the last bit, and JSON has no infinity and no NaN.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Exact(pub f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom(format!("`{text}` is no number")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_bit_comes_back(bits: u64) {
            let number = f64::from_bits(bits);
            let text = serde_json::to_string(&Exact(number)).unwrap();
            let Exact(read) = serde_json::from_str(&text).unwrap();
            prop_assert!(read.to_bits() == bits || read.is_nan() && number.is_nan(), "{}", text);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let error = serde_json::from_str::<Exact>("\"1.5x\"").unwrap_err().to_string();
        assert!(error.contains("`1.5x` is no number"), "{error}");
    }
}
