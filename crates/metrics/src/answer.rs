//! A classifier's answer about one picture.

/// How sure a classifier was of its likeliest class, and whether that was right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The likeliest class's probability, 0–1.
    pub confidence: f64,
    /// Whether that class is the picture's.
    pub correct: bool,
}

/// The position of the largest value, the first of equals; 0 where there is none.
pub fn argmax(values: &[f32]) -> usize {
    let larger =
        |best: usize, index: usize| if values[index] > values[best] { index } else { best };
    (0..values.len()).fold(0, larger)
}

#[cfg(test)]
mod tests {
    use super::argmax;

    #[test]
    fn the_first_of_equals_is_the_largest() {
        assert_eq!(argmax(&[-2.0, -0.5, -0.5, -3.0]), 1);
        assert_eq!(argmax(&[]), 0);
    }
}
