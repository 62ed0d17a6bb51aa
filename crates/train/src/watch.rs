//! Watching a figure from epoch to epoch, as Keras's callbacks document it.

use shoebox_spec as spec;

/// Remembers the best value of a monitored figure, or the last one where the
/// spec keeps that. A tie keeps the first; a value that is not a number is
/// never the best.
#[derive(Debug, Clone)]
pub struct BestEpoch {
    more_is_better: bool,
    /// Whether a later epoch is better than any before, whatever its figure.
    keeps_last: bool,
    best: Option<(u32, f64)>,
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
            Some((_, best)) if self.more_is_better => value > best,
            Some((_, best)) => value < best,
        };
        if better {
            self.best = Some((epoch, value));
        }
        better
    }

    /// The best epoch, from 1.
    pub fn epoch(&self) -> Option<u32> {
        self.best.map(|(epoch, _)| epoch)
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
    best: Option<f64>,
    waited: u32,
}

impl EarlyStopping {
    /// Nothing seen yet.
    pub fn new(spec: &spec::EarlyStopping) -> Self {
        let more_is_better = spec.mode.more_is_better(spec.monitor);
        Self { spec: spec.clone(), more_is_better, best: None, waited: 0 }
    }

    /// Takes the monitored `value` of `epoch` (from 1).
    pub fn update(&mut self, epoch: u32, value: f64) -> Verdict {
        if epoch <= self.spec.start_from_epoch {
            return Verdict::Wait;
        }
        self.waited += 1;
        if self.best.is_none_or(|best| self.improves(value, best)) {
            self.best = Some(value);
            // An improvement that stays below the baseline does not renew the patience.
            if self.spec.baseline.is_none_or(|baseline| self.improves(value, baseline)) {
                self.waited = 0;
            }
            return Verdict::Improved;
        }
        // The first epoch never ends training, as in Keras.
        if self.waited >= self.spec.patience && epoch > 1 { Verdict::Stop } else { Verdict::Wait }
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
