//! Cross-entropy: what a probability for the true class is worth.

use crate::{Scored, temper};

impl Scored {
    /// The mean of −ln p over the pictures, in nats, where p is the
    /// probability of the picture's class at `temperature`: the mean
    /// cross-entropy. Not a number where there is no picture.
    pub fn log_loss(&self, temperature: f64) -> f64 {
        let loss = |(row, label): (&[f32], usize)| match temperature {
            1.0 => -f64::from(row[label]),
            other => -temper(row, other)[label],
        };
        self.rows().map(loss).sum::<f64>() / self.count() as f64
    }
}

#[cfg(test)]
mod tests {
    use crate::scored::tests::scored;

    #[test]
    fn equals_a_mean_by_hand() {
        let scored = scored(&[([0.5, 0.5], 0), ([0.25, 0.75], 0)]);
        let wanted = (2f64.ln() + 4f64.ln()) / 2.0;
        assert!((scored.log_loss(1.0) - wanted).abs() < 1e-7);
        // At temperature 0.5 the odds are squared: 1 to 9.
        let wanted = (2f64.ln() + 10f64.ln()) / 2.0;
        assert!((scored.log_loss(0.5) - wanted).abs() < 1e-6);
    }
}
