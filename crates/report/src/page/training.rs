//! How the network learned.

use super::{figure, scrolling};
use crate::{
    charts::Charts,
    format::{compact, counted, duration, percent},
    inputs::{Epoch, EpochFigures},
    report::Report,
};
use maud::{Markup, html};

pub fn section(report: &Report, charts: &Charts) -> Markup {
    html! {
        section #training aria-labelledby="training-title" {
            h2 #training-title { "Training" }
            div.charts {
                (figure(&charts.loss))
                (figure(&charts.accuracy))
                (figure(&charts.learning_rate))
                div.card { h3 { "In numbers" } (numbers(report)) }
            }
            details {
                summary { "Every epoch as a table" }
                (scrolling("Every epoch", table(report)))
            }
            p.note { "Train is measured over the epoch’s batches while the weights change and dropout is on, val after the epoch with dropout off; val can therefore be the better of the two." }
        }
    }
}

fn numbers(report: &Report) -> Markup {
    let total = |split: fn(&Epoch) -> Option<EpochFigures>| {
        report.epochs.iter().filter_map(split).map(|figures| figures.seconds).sum::<f64>()
    };
    let seconds = total(|epoch| epoch.train) + total(|epoch| epoch.val);
    let speeds = report.epochs.iter().filter_map(|epoch| Some(epoch.train?.images_per_second));
    html! {
        dl.pairs {
            dt { "Epochs" } dd { (report.epochs.len()) (planned(report)) }
            @if let Some(best) = report.best_epoch() {
                dt { "Best epoch" } dd { (best.epoch) (chosen_by(report)) }
                @if let Some(train) = best.train { dt { "Train, best epoch" } dd { (both(train)) } }
                @if let Some(val) = best.val { dt { "Val, best epoch" } dd { (both(val)) } }
            }
            @if let Some(last) = report.epochs.last().filter(|last| report.run.best_epoch != Some(last.epoch)) {
                @if let Some(train) = last.train { dt { "Train, last epoch" } dd { (both(train)) } }
                @if let Some(val) = last.val { dt { "Val, last epoch" } dd { (both(val)) } }
            }
            dt { "Time per epoch" } dd { (duration(seconds / report.epochs.len().max(1) as f64)) }
            @if let Some(speed) = median(speeds.collect()) {
                dt { "Training speed" } dd { (compact(speed)) " images/s (median)" }
            }
        }
    }
}

fn planned(report: &Report) -> String {
    let planned = report.run.spec.pointer("/train/epochs").and_then(|epochs| epochs.as_u64());
    planned.map_or_else(String::new, |planned| format!(" of at most {planned}"))
}

fn chosen_by(report: &Report) -> String {
    let monitor = report.run.spec.pointer("/train/checkpoint/monitor").and_then(|m| m.as_str());
    monitor.map_or_else(String::new, |monitor| format!(", by {monitor}"))
}

fn both(figures: EpochFigures) -> String {
    format!("{}, loss {}", percent(figures.accuracy), compact(figures.loss))
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

fn table(report: &Report) -> Markup {
    html! {
        table.numbers {
            caption { (counted(report.epochs.len() as u64, "epoch")) }
            thead {
                tr {
                    th scope="col" { "Epoch" }
                    th scope="col" { "Train loss" } th scope="col" { "Train accuracy" }
                    th scope="col" { "Val loss" } th scope="col" { "Val accuracy" }
                    th scope="col" { "Learning rate" } th scope="col" { "Seconds" }
                }
            }
            tbody { @for epoch in &report.epochs { (row(epoch, report.run.best_epoch)) } }
        }
    }
}

fn row(epoch: &Epoch, best: Option<u32>) -> Markup {
    let is_best = best == Some(epoch.epoch);
    let seconds = [epoch.train, epoch.val].into_iter().flatten().map(|figures| figures.seconds);
    html! {
        tr.best[is_best] {
            th scope="row" { (epoch.epoch) @if is_best { " (best)" } }
            @for figures in [epoch.train, epoch.val] {
                td { (figures.map_or("–".to_owned(), |figures| compact(figures.loss))) }
                td { (figures.map_or("–".to_owned(), |figures| percent(figures.accuracy))) }
            }
            td { (compact(epoch.learning_rate)) }
            td { (format!("{:.1}", seconds.sum::<f64>())) }
        }
    }
}
