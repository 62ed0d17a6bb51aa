//! The comparison as plain text.

use super::{Comparison, Contender, sentence};
use crate::format::{duration, grouped, percent};
use std::fmt::Write;

/// A few lines for the terminal, the last one with a newline.
pub fn table(comparison: &Comparison) -> String {
    let mut text = String::new();
    for run in &comparison.runs {
        // Writing to a String cannot fail.
        let _ = write_run(&mut text, run);
    }
    if !comparison.differences.is_empty() {
        text.push_str("\nspecs differ in:\n");
    }
    for difference in &comparison.differences {
        let values = difference.values.iter();
        let values: Vec<_> = values
            .map(|value| value.as_ref().map_or("–".to_owned(), |value| value.to_string()))
            .collect();
        let _ = writeln!(text, "  {}: {}", difference.key, values.join(" | "));
    }
    for test in &comparison.tests {
        let _ = writeln!(text, "\n{}, the same images:", test.split);
        for pair in &test.pairs {
            let _ = writeln!(text, "  {}", sentence::verdict(pair, test.pairs.len() > 1));
            let _ = writeln!(text, "  {}", sentence::difference(pair));
        }
        for reason in &test.untested {
            let _ = writeln!(text, "  not tested: {reason}");
        }
        for limit in sentence::limits(test, comparison) {
            let _ = writeln!(text, "note: {limit}");
        }
    }
    text.replace('\u{202f}', " ")
}

fn write_run(text: &mut String, run: &Contender) -> std::fmt::Result {
    let Contender { letter, report } = run;
    write!(text, "{letter}  {}: {} epochs", report.name, report.epochs.len())?;
    if let Some(best) = report.run.best_epoch {
        write!(text, ", best {best}")?;
    }
    let parameters = grouped(report.run.parameters);
    let seconds = duration(report.run.seconds);
    writeln!(text, ", {seconds} on {}, {parameters} parameters", report.run.device)?;
    for split in &report.splits {
        let interval = split.accuracy_interval_95;
        write!(
            text,
            "   {:<5} accuracy {} ({} to {})",
            split.split,
            split.accuracy.map_or("–".to_owned(), percent),
            percent(interval.low),
            percent(interval.high)
        )?;
        if let Some(loss) = split.loss {
            write!(text, "  loss {loss:.4}")?;
        }
        writeln!(text, "  macro F1 {:.3}", split.macro_average.f1)?;
    }
    Ok(())
}
