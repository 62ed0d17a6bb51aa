//! What numbers may be.

use crate::keys::Problem;

pub(crate) fn at_least_one(key: &str, value: u32) -> Result<(), Problem> {
    match value {
        0 => Err(Problem::new(key, "0 is impossible; give 1 or more")),
        _ => Ok(()),
    }
}

/// Requires `low ≤ value < high`.
pub(crate) fn within(key: &str, value: f64, low: f64, high: f64) -> Result<(), Problem> {
    if (low..high).contains(&value) {
        return Ok(());
    }
    Err(Problem::new(
        key,
        format!("{value} is impossible; give {low} up to, but not including, {high}"),
    ))
}

/// Requires a finite number above 0.
pub(crate) fn positive(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Problem::new(key, format!("{value} is impossible; give a number above 0")))
}

/// Requires a finite number, 0 or more.
pub(crate) fn not_negative(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Problem::new(key, format!("{value} is impossible; give 0 or more")))
}

/// Requires `low ≤ value ≤ high`.
pub(crate) fn between(key: &str, value: f64, low: f64, high: f64) -> Result<(), Problem> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Problem::new(key, format!("{value} is impossible; give {low} to {high}")))
}
