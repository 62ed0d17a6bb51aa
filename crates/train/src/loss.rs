//! What is measured between logits and labels.

use crate::{
    TrainError,
    loader::{Batch, Mixed},
};
use shoebox_spec::{ClassWeights, LossSpec};
use tch::{Device, Kind, Reduction, Tensor};

/// The cross-entropy that training makes smaller.
#[derive(Debug)]
pub(crate) struct Loss {
    smoothing: f64,
    /// `[K]` f32: what a sample of each class counts.
    weights: Option<Tensor>,
}

impl Loss {
    /// The loss of a spec, for classes of these names that have so many samples.
    pub fn new(
        spec: &LossSpec,
        class_names: &[String],
        counts: &[u64],
        device: Device,
    ) -> Result<Self, TrainError> {
        let weights = class_weights(&spec.class_weights, class_names, counts)
            .map(|weights| Tensor::f_from_slice(&weights)?.f_to_device(device))
            .transpose()?;
        Ok(Self { smoothing: spec.label_smoothing, weights })
    }

    /// The mean over the samples of `logits` `[B,K]` with `labels` `[B]`. A
    /// sample of a class of weight 2 counts twice, and still as one in the mean.
    pub fn of(&self, logits: &Tensor, labels: &Tensor) -> Result<Tensor, TrainError> {
        let weights = self.weights.as_ref();
        let sum = |how| logits.f_cross_entropy_loss(labels, weights, how, -100, self.smoothing);
        match self.weights {
            None => Ok(sum(Reduction::Mean)?),
            Some(_) => Ok(sum(Reduction::Sum)?.f_div_scalar(labels.numel() as f64)?),
        }
    }

    /// The mean over the samples of a batch. Of a mixed picture each label
    /// counts by its share.
    pub fn of_batch(&self, logits: &Tensor, batch: &Batch) -> Result<Tensor, TrainError> {
        let Some(Mixed { labels, shares }) = &batch.mixed else {
            return self.of(logits, &batch.labels);
        };
        let (each, weights) = (Reduction::None, self.weights.as_ref());
        let of = |labels| logits.f_cross_entropy_loss(labels, weights, each, -100, self.smoothing);
        // From the second label's to the first one's.
        Ok(of(labels)?.f_lerp_tensor(&of(&batch.labels)?, shares)?.f_mean(Kind::Float)?)
    }
}

/// The weight of each class; `None` where all are 1.
fn class_weights(spec: &ClassWeights, class_names: &[String], counts: &[u64]) -> Option<Vec<f32>> {
    match spec {
        ClassWeights::Equal => None,
        ClassWeights::Balanced => {
            let all: u64 = counts.iter().sum();
            let weight = |&count: &u64| all as f64 / (counts.len() as f64 * count.max(1) as f64);
            Some(counts.iter().map(|count| weight(count) as f32).collect())
        }
        ClassWeights::ByName(weights) => {
            let weight = |name| weights.get(name).copied().unwrap_or(1.0) as f32;
            Some(class_names.iter().map(weight).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["a", "b"].map(str::to_owned).into()
    }

    fn loss(spec: LossSpec) -> Result<f64, TrainError> {
        let logits = Tensor::from_slice2(&[[2.0f32, 0.0], [0.0, 1.0], [0.0, 0.0]]);
        let loss = Loss::new(&spec, &names(), &[30, 10], Device::Cpu)?;
        Ok(loss.of(&logits, &Tensor::from_slice(&[0i64, 1, 1]))?.double_value(&[]))
    }

    /// −ln of the softmax at the label, by hand.
    const PARTS: [f64; 3] = [0.126_928_011, 0.313_261_688, std::f64::consts::LN_2];

    #[test]
    fn each_sample_counts_by_its_class() {
        let equal = loss(LossSpec::default()).unwrap();
        assert!((equal - PARTS.iter().sum::<f64>() / 3.0).abs() < 1e-6, "{equal}");
        // 40 / (2 · 30) and 40 / (2 · 10).
        let balanced = LossSpec { class_weights: ClassWeights::Balanced, ..Default::default() };
        let wanted = (PARTS[0] * 2.0 / 3.0 + (PARTS[1] + PARTS[2]) * 2.0) / 3.0;
        assert!((loss(balanced).unwrap() - wanted).abs() < 1e-6);
        let named = ClassWeights::ByName([("b".to_owned(), 3.0)].into());
        let named = LossSpec { class_weights: named, ..Default::default() };
        let wanted = (PARTS[0] + (PARTS[1] + PARTS[2]) * 3.0) / 3.0;
        assert!((loss(named).unwrap() - wanted).abs() < 1e-6);
    }

    #[test]
    fn smoothing_spreads_a_share_over_all_classes() {
        let smooth = loss(LossSpec { label_smoothing: 0.1, ..Default::default() }).unwrap();
        // The other class's −ln is that of the label's plus the logits' difference.
        let others = [PARTS[0] + 2.0, PARTS[1] + 1.0, PARTS[2]];
        let each = (0..3).map(|i| 0.95 * PARTS[i] + 0.05 * others[i]);
        assert!((smooth - each.sum::<f64>() / 3.0).abs() < 1e-6, "{smooth}");
    }

    #[test]
    fn of_a_mixed_picture_each_label_counts_by_its_share() {
        let logits = Tensor::from_slice2(&[[2.0f32, 0.0], [0.0, 1.0]]);
        let batch = Batch {
            images: Tensor::zeros([2, 1, 1, 3], (Kind::Uint8, Device::Cpu)),
            labels: Tensor::from_slice(&[0i64, 0]),
            visits: Vec::new(),
            mixed: Some(Mixed {
                labels: Tensor::from_slice(&[1i64, 1]),
                shares: Tensor::from_slice(&[0.75f32, 0.25]),
            }),
        };
        let of = |spec| {
            let loss = Loss::new(&spec, &names(), &[30, 10], Device::Cpu).unwrap();
            loss.of_batch(&logits, &batch).unwrap().double_value(&[])
        };
        // By class, of each picture: −ln of the softmax.
        let [first, second] = [[PARTS[0], PARTS[0] + 2.0], [PARTS[1] + 1.0, PARTS[1]]];
        let mean = |weights: [f64; 2]| {
            (0.75 * weights[0] * first[0]
                + 0.25 * weights[1] * first[1]
                + 0.25 * weights[0] * second[0]
                + 0.75 * weights[1] * second[1])
                / 2.0
        };
        assert!((of(LossSpec::default()) - mean([1.0, 1.0])).abs() < 1e-6);
        let balanced = LossSpec { class_weights: ClassWeights::Balanced, ..Default::default() };
        assert!((of(balanced) - mean([2.0 / 3.0, 2.0])).abs() < 1e-6);
        // Smoothing moves 0.05 from each class to the other one.
        let smooth =
            0.9 * mean([1.0, 1.0]) + 0.05 * (first[0] + first[1] + second[0] + second[1]) / 2.0;
        let found = of(LossSpec { label_smoothing: 0.1, ..Default::default() });
        assert!((found - smooth).abs() < 1e-6, "{found}");
        // Both are taken for the class that the larger share is of.
        assert!((batch.correct(&logits).unwrap().double_value(&[]) - 1.5).abs() < 1e-9);
        let alone = Batch { mixed: None, ..batch };
        assert_eq!(alone.correct(&logits).unwrap().double_value(&[]), 1.0);
    }
}
