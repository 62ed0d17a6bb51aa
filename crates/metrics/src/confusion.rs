//! Who is taken for whom.

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::{RawValue, to_raw_value};

/// Counts of images by true class (row) and predicted class (column), both
/// positions in the run's class names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    /// Row-major, `classes × classes`.
    counts: Vec<u64>,
}

/// One cell off the diagonal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The true class.
    pub truth: usize,
    /// What it was taken for.
    pub predicted: usize,
    /// Images.
    pub count: u64,
}

impl ConfusionMatrix {
    /// Counts `(truth, predicted)` pairs, each below `classes`.
    pub fn count(classes: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![0; classes * classes];
        for (truth, predicted) in pairs {
            counts[truth * classes + predicted] += 1;
        }
        Self { classes, counts }
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Images of class `truth` that were taken for `predicted`.
    pub fn get(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth * self.classes + predicted]
    }

    /// The cell's share of its row, 0–1; nothing for a class without images.
    pub fn row_share(&self, truth: usize, predicted: usize) -> Option<f64> {
        let support = self.support(truth);
        (support > 0).then(|| self.get(truth, predicted) as f64 / support as f64)
    }

    /// Images of class `truth`.
    pub fn support(&self, truth: usize) -> u64 {
        self.row(truth).iter().sum()
    }

    /// Images taken for class `predicted`.
    pub fn predicted(&self, predicted: usize) -> u64 {
        self.counts.iter().skip(predicted).step_by(self.classes).sum()
    }

    /// All images.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Images on the diagonal.
    pub fn correct(&self) -> u64 {
        (0..self.classes).map(|class| self.get(class, class)).sum()
    }

    /// Mistakes by pair of classes, the most frequent first.
    pub fn confused(&self) -> Vec<Cell> {
        let cells = self.counts.iter().enumerate().map(|(place, &count)| Cell {
            truth: place / self.classes,
            predicted: place % self.classes,
            count,
        });
        let mut mistakes: Vec<Cell> =
            cells.filter(|cell| cell.count > 0 && cell.truth != cell.predicted).collect();
        mistakes.sort_by_key(|cell| std::cmp::Reverse(cell.count));
        mistakes
    }

    fn row(&self, truth: usize) -> &[u64] {
        &self.counts[truth * self.classes..][..self.classes]
    }

    /// A row's shares, to six decimals: enough for a million images a class.
    fn row_normalised(&self, truth: usize) -> Vec<Option<f64>> {
        let share = |predicted| self.row_share(truth, predicted).map(|s| (s * 1e6).round() / 1e6);
        (0..self.classes).map(share).collect()
    }
}

impl Serialize for ConfusionMatrix {
    /// Each row is kept on one line, so that indented JSON still shows a matrix.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let classes = 0..self.classes;
        let line = |row: &dyn Fn(usize) -> serde_json::Result<Box<RawValue>>| {
            classes
                .clone()
                .map(row)
                .collect::<Result<Vec<_>, _>>()
                .map_err(serde::ser::Error::custom)
        };
        let mut matrix = serializer.serialize_struct("ConfusionMatrix", 2)?;
        matrix.serialize_field("counts", &line(&|truth| to_raw_value(self.row(truth)))?)?;
        matrix.serialize_field(
            "row_normalised",
            &line(&|truth| to_raw_value(&self.row_normalised(truth)))?,
        )?;
        matrix.end()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, ConfusionMatrix};
    use proptest::prelude::*;

    fn small() -> ConfusionMatrix {
        ConfusionMatrix::count(3, [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 0)])
    }

    #[test]
    fn counts_by_hand() {
        let matrix = small();
        assert_eq!((matrix.get(0, 0), matrix.get(0, 1), matrix.get(1, 0)), (2, 1, 2));
        assert_eq!((matrix.support(0), matrix.support(2), matrix.predicted(0)), (3, 0, 4));
        assert_eq!((matrix.total(), matrix.correct()), (6, 3));
        assert_eq!(matrix.row_share(1, 0), Some(2.0 / 3.0));
        assert_eq!(matrix.row_share(2, 0), None);
    }

    #[test]
    fn the_most_frequent_mistake_comes_first() {
        let expected =
            [Cell { truth: 1, predicted: 0, count: 2 }, Cell { truth: 0, predicted: 1, count: 1 }];
        assert_eq!(small().confused(), expected);
    }

    #[test]
    fn json_keeps_a_row_on_a_line() {
        let json = serde_json::to_string_pretty(&small()).unwrap();
        assert!(json.contains("\n    [2,1,0],\n    [2,1,0],\n    [0,0,0]\n"), "{json}");
        assert!(json.contains("[0.666667,0.333333,0.0]"), "{json}");
        assert!(json.contains("[null,null,null]"), "{json}");
    }

    proptest! {
        #[test]
        fn sums_to_the_number_of_images(pairs in prop::collection::vec((0usize..7, 0usize..7), 0..200)) {
            let matrix = ConfusionMatrix::count(7, pairs.iter().copied());
            let n = pairs.len() as u64;
            prop_assert_eq!(matrix.total(), n);
            prop_assert_eq!((0..7).map(|class| matrix.support(class)).sum::<u64>(), n);
            prop_assert_eq!((0..7).map(|class| matrix.predicted(class)).sum::<u64>(), n);
            let wrong: u64 = matrix.confused().iter().map(|cell| cell.count).sum();
            prop_assert_eq!(matrix.correct() + wrong, n);
        }
    }
}
