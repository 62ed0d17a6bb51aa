//! What figures are computed from.

use crate::{Answer, ConfusionMatrix, argmax, temper};

/// What a classifier said of pictures whose classes are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Of each picture, the logarithms of the class probabilities.
    pub log_probabilities: Vec<Vec<f32>>,
    /// Of each picture, the position of its class.
    pub labels: Vec<usize>,
}

impl Scored {
    /// Pictures.
    pub fn count(&self) -> u64 {
        self.labels.len() as u64
    }

    /// Pictures whose likeliest class is their own.
    pub fn correct(&self) -> u64 {
        self.rows().filter(|(row, label)| argmax(row) == *label).count() as u64
    }

    /// Share of correct pictures, 0–1; not a number where there is none.
    pub fn accuracy(&self) -> f64 {
        self.correct() as f64 / self.count() as f64
    }

    /// Pictures by true and predicted class, of `classes` classes.
    pub fn confusion(&self, classes: usize) -> ConfusionMatrix {
        ConfusionMatrix::count(classes, self.rows().map(|(row, label)| (label, argmax(row))))
    }

    /// The likeliest class of each picture at `temperature`, and whether it is right.
    pub fn answers(&self, temperature: f64) -> Vec<Answer> {
        let answer = |(row, label): (&[f32], usize)| {
            let class = argmax(row);
            let confidence = temper(row, temperature)[class].exp();
            Answer { confidence, correct: class == label }
        };
        self.rows().map(answer).collect()
    }

    /// Each picture's logarithms of probabilities, and its class.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&[f32], usize)> {
        self.log_probabilities.iter().map(Vec::as_slice).zip(self.labels.iter().copied())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Pictures by the probabilities of their classes, and their class.
    pub(crate) fn scored<const K: usize>(pictures: &[([f64; K], usize)]) -> Scored {
        let logs = |row: &[f64; K]| row.iter().map(|p| p.ln() as f32).collect();
        Scored {
            log_probabilities: pictures.iter().map(|(row, _)| logs(row)).collect(),
            labels: pictures.iter().map(|(_, label)| *label).collect(),
        }
    }

    #[test]
    fn counts_by_hand() {
        let scored = scored(&[([0.7, 0.2, 0.1], 0), ([0.1, 0.3, 0.6], 1), ([0.2, 0.5, 0.3], 1)]);
        assert_eq!((scored.count(), scored.correct()), (3, 2));
        assert_eq!(scored.accuracy(), 2.0 / 3.0);
        assert_eq!(scored.confusion(3).get(1, 2), 1);
        let answers = scored.answers(1.0);
        assert!((answers[1].confidence - 0.6).abs() < 1e-6 && !answers[1].correct);
    }
}
