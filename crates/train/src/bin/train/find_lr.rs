//! What the person at the screen sees of a range test.

use crate::progress::Screen;
use shoebox_artifact::{
    console::{answer, tell},
    records::{RatePoint, RunStatus},
};
use shoebox_train::{RangeTest, RangeTestObserver};
use std::process::ExitCode;

/// Letters of the curve.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl RangeTestObserver for Screen {
    fn rate(&mut self, point: &RatePoint, steps: u32) {
        self.count("rates", point.step, steps, format!("loss {:.4}", point.smoothed_loss));
    }
}

/// Says what came out. An interrupted test is not a success.
pub fn conclude(test: &RangeTest) -> anyhow::Result<ExitCode> {
    let record = &test.record;
    let interrupted = record.status == RunStatus::Interrupted;
    if let (Some(first), Some(last)) = (test.points.first(), test.points.last()) {
        tell(format_args!("loss, smoothed, over the learning rate:\n{}", curve(&test.points)));
        let ends = [first.learning_rate, last.learning_rate].map(|rate| format!("{rate:.0e}"));
        let between = test.points.len().saturating_sub(ends[0].len() + ends[1].len());
        tell(format_args!("{}{}{}", ends[0], " ".repeat(between), ends[1]));
    }
    match (&record.suggestion, interrupted) {
        (_, true) => tell("interrupted; what was tried so far is kept"),
        (Some(found), _) => {
            tell(format_args!(
                "the loss falls fastest at {:.1e}; a tenth of the rate with the least loss is {:.1e}",
                found.steepest, found.minimum_tenth
            ));
            tell(format_args!(
                "to train with the former, in place of the pipeline's schedule:\n  learning_rate: {{constant: {:.1e}}}",
                found.steepest
            ));
        }
        (None, _) => tell("the loss did not fall at any rate: look at the data, or at the network"),
    }
    answer(test.folder.path().display())?;
    Ok(ExitCode::from(u8::from(interrupted)))
}

/// A letter a step, as high as the smoothed loss.
fn curve(points: &[RatePoint]) -> String {
    let losses = points.iter().map(|point| point.smoothed_loss);
    let least = losses.clone().fold(f64::INFINITY, f64::min);
    // What diverges would press the rest flat.
    let most = losses.clone().take(points.len() * 4 / 5).fold(least, f64::max);
    let level = |loss: f64| {
        let share = (loss - least) / (most - least).max(f64::MIN_POSITIVE);
        LEVELS[((share * LEVELS.len() as f64) as usize).min(LEVELS.len() - 1)]
    };
    losses.map(level).collect()
}
