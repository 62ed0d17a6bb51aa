//! Labels that may be wrong, by what networks say that have not seen them.

use serde::Serialize;

/// A picture whose label is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Doubt {
    /// Position in what was given.
    pub row: usize,
    /// The class that the picture looks like.
    pub looks_like: usize,
    /// The label's probability, 0–1: the smaller, the more doubtful.
    pub self_confidence: f32,
}

/// The rows whose label is in doubt, the most doubtful first. `labels` are the
/// given classes, `probabilities` what a network that has not seen the row
/// says, one per class.
///
/// A picture looks like a class when its probability is at least what pictures
/// with that label have on average; of several such classes the likeliest
/// counts. Where that is another one than the label, the label is in doubt,
/// the more the less likely it is itself. This is confident learning: the
/// pictures off the diagonal of the confident joint, ranked by self-confidence
/// (C. G. Northcutt, L. Jiang, I. L. Chuang, J. Artif. Intell. Res. 70, 2021,
/// 1373–1411). With probabilities of pictures that were learned from it would
/// find nothing: a network gives those the label that it was told.
pub fn doubts(labels: &[usize], probabilities: &[Vec<f32>], classes: usize) -> Vec<Doubt> {
    let thresholds = thresholds(labels, probabilities, classes);
    let rows = labels.iter().zip(probabilities).enumerate();
    let mut doubts: Vec<Doubt> = rows
        .filter_map(|(row, (&label, said))| {
            let confident =
                (0..classes).filter(|&class| f64::from(said[class]) >= thresholds[class]);
            let looks_like = confident.max_by(|&a, &b| said[a].total_cmp(&said[b]))?;
            let doubt = Doubt { row, looks_like, self_confidence: said[label] };
            (looks_like != label).then_some(doubt)
        })
        .collect();
    doubts.sort_by(|a, b| a.self_confidence.total_cmp(&b.self_confidence));
    doubts
}

/// The mean probability of each class among the pictures with its label;
/// beyond reach for a class without any.
fn thresholds(labels: &[usize], probabilities: &[Vec<f32>], classes: usize) -> Vec<f64> {
    let (mut sums, mut counts) = (vec![0.0; classes], vec![0u32; classes]);
    for (&label, said) in labels.iter().zip(probabilities) {
        sums[label] += f64::from(said[label]);
        counts[label] += 1;
    }
    let mean = |(sum, count): (f64, u32)| if count > 0 { sum / f64::from(count) } else { 2.0 };
    sums.into_iter().zip(counts).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confident_other_class_is_a_doubt_and_an_unsure_one_is_none() {
        // Mean of class 0: (0.9 + 0.8 + 0.1 + 0.4) / 4 = 0.55; of class 1: 0.8.
        let labels = [0, 0, 0, 0, 1, 1];
        let said = [0.9, 0.8, 0.1, 0.4, 0.1, 0.3].map(|p: f32| vec![p, 1.0 - p]);
        let doubts = doubts(&labels, &said, 2);
        // Row 3 is taken for class 1 as well, with 0.6, which is below 0.8.
        assert_eq!(doubts, [Doubt { row: 2, looks_like: 1, self_confidence: 0.1 }]);
    }

    #[test]
    fn the_least_likely_label_comes_first() {
        let labels = [0, 0, 0, 1, 1, 1];
        let said = [0.9, 0.2, 0.05, 0.1, 0.2, 0.95].map(|p: f32| vec![p, 1.0 - p]);
        let rows: Vec<_> = doubts(&labels, &said, 2).iter().map(|doubt| doubt.row).collect();
        // Thresholds 0.383 and 0.583.
        assert_eq!(rows, [2, 5, 1]);
    }

    #[test]
    fn a_class_without_pictures_is_never_what_one_looks_like() {
        let said = [vec![0.1, 0.0, 0.9], vec![0.0, 1.0, 0.0]];
        assert_eq!(doubts(&[0, 1], &said, 3), []);
    }
}
