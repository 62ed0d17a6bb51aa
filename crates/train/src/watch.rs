//! Watching a figure from epoch to epoch, as Keras's callbacks document it.

use crate::exact::Exact;
use serde::{Deserialize, Serialize};
use shoebox_spec as spec;

/// Remembers the best value of a monitored figure, or the last one where the
/// spec keeps that. A tie keeps the first; a value that is not a number is
/// never the best.
#[derive(Debug, Clone)]
pub struct BestEpoch {
    more_is_better: bool,
    /// Whether a later epoch is better than any before, whatever its figure.
    keeps_last: bool,
    best: Option<Best>,
}

/// The best epoch so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Best {
    /// From 1.
    pub epoch: u32,
    /// Its figure.
    pub value: Exact,
}

impl BestEpoch {
    /// Nothing seen yet.
    pub fn new(spec: &spec::CheckpointSpec) -> Self {
        let more_is_better = spec.mode.more_is_better(spec.monitor);
        Self { more_is_better, keeps_last: spec.keep == spec::Keep::Last, best: None }
    }

    /// Whether `value` of `epoch` (from 1) is the best so far.
    pub fn update(&mut self, epoch: u32, value: f64) -> bool {
        let better = match self.best {
            _ if self.keeps_last => true,
            None => !value.is_nan(),
            Some(best) if self.more_is_better => value > best.value.0,
            Some(best) => value < best.value.0,
        };
        if better {
            self.best = Some(Best { epoch, value: Exact(value) });
        }
        better
    }

    /// The best epoch, from 1.
    pub fn epoch(&self) -> Option<u32> {
        self.best.map(|best| best.epoch)
    }

    /// All that it remembers.
    pub(crate) fn memory(&self) -> Option<Best> {
        self.best
    }

    /// Goes on from another's memory.
    pub(crate) fn remember(&mut self, best: Option<Best>) {
        self.best = best;
    }
}

/// What early stopping makes of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Better by more than `min_delta`: the weights to restore.
    Improved,
    /// Not better, but there is patience left.
    Wait,
    /// Patience is over.
    Stop,
}

/// Keras's `EarlyStopping`.
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    spec: spec::EarlyStopping,
    more_is_better: bool,
    memory: Patience,
}

/// What early stopping remembers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patience {
    /// The best figure so far.
    best: Option<Exact>,
    /// Epochs since the last improvement.
    waited: u32,
    /// Whether the latest epoch ended training.
    stopped: bool,
}

impl EarlyStopping {
    /// Nothing seen yet.
    pub fn new(spec: &spec::EarlyStopping) -> Self {
        let more_is_better = spec.mode.more_is_better(spec.monitor);
        Self { spec: spec.clone(), more_is_better, memory: Patience::default() }
    }

    /// All that it remembers.
    pub(crate) fn memory(&self) -> Patience {
        self.memory
    }

    /// Goes on from another's memory. Training that had ended for want of
    /// patience has not where there is more of it now.
    pub(crate) fn remember(&mut self, memory: Patience) {
        let stopped = memory.stopped && memory.waited >= self.spec.patience;
        self.memory = Patience { stopped, ..memory };
    }

    /// Whether the latest epoch ended training.
    pub(crate) fn has_stopped(&self) -> bool {
        self.memory.stopped
    }

    /// Takes the monitored `value` of `epoch` (from 1).
    pub fn update(&mut self, epoch: u32, value: f64) -> Verdict {
        if epoch <= self.spec.start_from_epoch {
            return Verdict::Wait;
        }
        self.memory.waited += 1;
        if self.memory.best.is_none_or(|best| self.improves(value, best.0)) {
            self.memory.best = Some(Exact(value));
            // An improvement that stays below the baseline does not renew the patience.
            if self.spec.baseline.is_none_or(|baseline| self.improves(value, baseline)) {
                self.memory.waited = 0;
            }
            return Verdict::Improved;
        }
        // The first epoch never ends training, as in Keras.
        self.memory.stopped = self.memory.waited >= self.spec.patience && epoch > 1;
        if self.memory.stopped { Verdict::Stop } else { Verdict::Wait }
    }

    fn improves(&self, value: f64, reference: f64) -> bool {
        let delta = self.spec.min_delta;
        if self.more_is_better { value - delta > reference } else { value + delta < reference }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec::{CheckpointSpec, Keep, Mode, Monitor};

    fn verdicts(spec: spec::EarlyStopping, values: &[f64]) -> String {
        let mut stopping = EarlyStopping::new(&spec);
        let letter = |(index, value): (usize, &f64)| match stopping.update(index as u32 + 1, *value)
        {
            Verdict::Improved => 'i',
            Verdict::Wait => 'w',
            Verdict::Stop => 'S',
        };
        values.iter().enumerate().map(letter).collect()
    }

    fn accuracy(patience: u32) -> spec::EarlyStopping {
        spec::EarlyStopping { monitor: Monitor::ValAccuracy, patience, ..Default::default() }
    }

    // The wanted verdicts are what Keras 3's EarlyStopping does: traced by hand
    // through its documented rules.

    #[test]
    fn patience_counts_epochs_since_the_best() {
        assert_eq!(verdicts(accuracy(2), &[0.5, 0.6, 0.6, 0.6]), "iiwS");
        assert_eq!(verdicts(accuracy(2), &[0.5, 0.5, 0.7, 0.6, 0.6]), "iwiwS");
    }

    #[test]
    fn an_improvement_must_exceed_min_delta() {
        let spec = spec::EarlyStopping { min_delta: 0.1, ..accuracy(2) };
        assert_eq!(verdicts(spec, &[0.5, 0.59, 0.65, 0.7]), "iwiw");
    }

    #[test]
    fn losses_improve_downwards_unless_the_mode_says_otherwise() {
        let loss = spec::EarlyStopping { patience: 1, ..Default::default() };
        assert_eq!(verdicts(loss.clone(), &[1.0, 0.9, 0.95]), "iiS");
        let upwards = spec::EarlyStopping { mode: Mode::Max, ..loss };
        assert_eq!(verdicts(upwards, &[1.0, 0.9]), "iS");
    }

    #[test]
    fn a_baseline_not_beaten_uses_up_the_patience() {
        let spec = spec::EarlyStopping { baseline: Some(0.9), ..accuracy(3) };
        assert_eq!(verdicts(spec, &[0.5, 0.6, 0.55]), "iiS");
    }

    #[test]
    fn watching_may_start_late_and_the_first_epoch_never_stops() {
        let spec = spec::EarlyStopping { start_from_epoch: 2, ..accuracy(1) };
        assert_eq!(verdicts(spec, &[0.9, 0.8, 0.7, 0.6]), "wwiS");
        assert_eq!(verdicts(accuracy(0), &[0.9, 0.8]), "iS");
    }

    #[test]
    fn with_its_memory_another_one_goes_on_as_this_one_would_have() {
        let values = [0.5, 0.6, 0.6, f64::NAN, 0.55, 0.7, 0.1, 0.2];
        for cut in 0..values.len() {
            let mut stopping = EarlyStopping::new(&accuracy(3));
            let mut best = BestEpoch::new(&CheckpointSpec::default());
            let mut seen = Vec::new();
            for (epoch, &value) in (1..).zip(&values) {
                if epoch as usize == cut + 1 {
                    let text = serde_json::to_string(&(stopping.memory(), best.memory())).unwrap();
                    let (patience, epoch) = serde_json::from_str(&text).unwrap();
                    stopping = EarlyStopping::new(&accuracy(3));
                    stopping.remember(patience);
                    best = BestEpoch::new(&CheckpointSpec::default());
                    best.remember(epoch);
                }
                seen.push((stopping.update(epoch, value), best.update(epoch, value)));
            }
            let verdicts: String =
                seen.iter().map(|(verdict, _)| format!("{verdict:?} ")).collect();
            assert_eq!(verdicts, "Improved Improved Wait Wait Stop Improved Wait Wait ");
            let better: Vec<bool> = seen.iter().map(|(_, better)| *better).collect();
            assert_eq!(better, [true, true, false, false, false, true, false, false]);
        }
    }

    #[test]
    fn more_patience_takes_an_end_back_and_more_epochs_do_not() {
        let mut stopping = EarlyStopping::new(&accuracy(2));
        for (epoch, value) in (1..).zip([0.5, 0.4, 0.4]) {
            stopping.update(epoch, value);
        }
        assert!(stopping.has_stopped());
        let with = |patience| {
            let mut other = EarlyStopping::new(&accuracy(patience));
            other.remember(stopping.memory());
            other
        };
        assert!(with(2).has_stopped() && with(1).has_stopped());
        assert!(!with(3).has_stopped());
        assert_eq!(with(3).update(4, 0.4), Verdict::Stop);
    }

    #[test]
    fn the_best_epoch_is_the_first_of_equals_and_never_nan() {
        let mut best = BestEpoch::new(&CheckpointSpec::default());
        let better = [f64::NAN, 0.5, 0.5, 0.6, f64::NAN, 0.55].map(|value| {
            let epoch = best.epoch().map_or(1, |epoch| epoch + 1);
            best.update(epoch, value)
        });
        assert_eq!(better, [false, true, false, true, false, false]);
        assert_eq!(best.epoch(), Some(2));
    }

    #[test]
    fn where_the_last_epoch_is_kept_its_figure_does_not_matter() {
        let mut last = BestEpoch::new(&CheckpointSpec { keep: Keep::Last, ..Default::default() });
        let kept = [0.9, 0.5, f64::NAN];
        assert!((1..).zip(kept).all(|(epoch, value)| last.update(epoch, value)));
        assert_eq!(last.epoch(), Some(3));
    }
}
