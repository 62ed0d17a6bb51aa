//! The page of a campaign.

use super::{
    figure,
    frame::{self, Head, readable_time, status},
    headline, scrolling, split, split_title, suspects,
};
use crate::{
    campaign::{CampaignCharts, CampaignReport, Suspect},
    format::{compact, counted, duration, percent},
    pictures::Inline,
};
use maud::{Markup, html};
use shoebox_artifact::records::{
    CampaignKind, CampaignRecord, Evaluation, Figure, Member, Spread, Weights,
};

/// What the page is made of.
#[derive(Debug)]
pub struct CampaignPage<'a> {
    /// The numbers.
    pub report: &'a CampaignReport,
    /// The curves, and the matrix of all folds.
    pub charts: &'a CampaignCharts,
    /// The labels in doubt that are shown.
    pub suspects: &'a [(&'a Suspect, Option<Inline>)],
    /// The pipeline as the user gave it.
    pub pipeline: Option<&'a str>,
}

impl CampaignPage<'_> {
    /// The whole file.
    pub fn html(&self) -> String {
        let report = self.report;
        let out_of_fold = report.out_of_fold.as_ref().zip(self.charts.matrix.as_ref());
        let content = html! {
            (accuracy(report))
            (runs(report, self.charts))
            @if let Some((split, matrix)) = out_of_fold {
                (split::section(split, matrix))
                (suspects::section(report, self.suspects))
            }
            (setup(report, self.pipeline))
        };
        frame::page(&head(report), &content).into_string()
    }
}

fn head(report: &CampaignReport) -> Head<'_> {
    let record = &report.campaign;
    let name = record.spec.pointer("/name").and_then(|name| name.as_str());
    let mut sections = vec![("accuracy", "Accuracy"), ("runs", "Runs")];
    if let Some(split) = &report.out_of_fold {
        sections.push((&split.split, split_title(&split.split)));
        sections.push(("suspects", "Suspected label errors"));
    }
    sections.push(("setup", "Set-up"));
    Head {
        title: name.unwrap_or(&report.name),
        name: &report.name,
        kind: "campaign",
        status: record.status,
        facts: vec![
            counted(record.kind.count().into(), record.kind.noun()),
            duration(record.seconds),
            readable_time(&record.started),
        ],
        sections,
    }
}

fn accuracy(report: &CampaignReport) -> Markup {
    let record = &report.campaign;
    let alone = report.out_of_fold.is_none() && record.figures.len() < 2;
    html! {
        section #accuracy aria-labelledby="accuracy-title" {
            h2 #accuracy-title { "Accuracy" }
            div.headline.alone[alone] {
                @if let Some(split) = &report.out_of_fold { (headline::card(split)) }
                @for figure in &record.figures { (spread_card(figure)) }
                (headline::cautions(&report.cautions))
            }
        }
    }
}

fn spread_card(figure: &Figure) -> Markup {
    let Spread { mean, sd } = figure.accuracy;
    let weights = match figure.weights {
        Weights::Best => "best weights",
        Weights::Last => "last epoch",
    };
    html! {
        div.card.figure {
            h3 { (split_title(&figure.split)) ", " (weights) }
            p.big { (percent(mean)) }
            p.of {
                "mean of " (counted(figure.runs.into(), "run"))
                @if let Some(sd) = sd { ", standard deviation " strong { (points(sd)) } }
            }
            p.of { "loss " (with_sd(figure.loss)) }
        }
    }
}

/// A difference of shares: `1.3 points`.
fn points(share: f64) -> String {
    format!("{:.1} points", share * 100.0)
}

fn with_sd(spread: Spread) -> String {
    match spread.sd {
        Some(sd) => format!("{} ± {}", compact(spread.mean), compact(sd)),
        None => compact(spread.mean),
    }
}

fn runs(report: &CampaignReport, charts: &CampaignCharts) -> Markup {
    html! {
        section #runs aria-labelledby="runs-title" {
            h2 #runs-title { "Runs" }
            div.charts { (figure(&charts.loss)) (figure(&charts.accuracy)) }
            div.card { (scrolling("Runs", table(&report.campaign))) }
        }
    }
}

fn table(record: &CampaignRecord) -> Markup {
    let has_test = record.figure("test", Weights::Best).is_some();
    html! {
        table.numbers {
            thead {
                tr {
                    th scope="col" { @match record.kind { CampaignKind::Seeds(_) => "Seed", CampaignKind::Folds(_) => "Fold" } }
                    th.text scope="col" { "Run" } th scope="col" { "Epochs" } th scope="col" { "Best" }
                    th scope="col" { "Val" } th scope="col" { "Val loss" } th scope="col" { "Val, last epoch" }
                    @if has_test { th scope="col" { "Test" } }
                }
            }
            tbody { @for member in &record.members { (row(member, has_test)) } }
            tfoot { (mean_row(record, has_test)) }
        }
    }
}

fn row(member: &Member, has_test: bool) -> Markup {
    let find = |split: &str| member.evaluations.iter().find(|one| one.split == split);
    html! {
        tr {
            th scope="row" { (member.fold.map_or(member.seed, u64::from)) }
            td.text { (member.run) " " span.role { (status(member.status)) } }
            td { (member.epochs) }
            td { (member.best_epoch.map_or("–".to_owned(), |epoch| epoch.to_string())) }
            td { (right(find("val"))) }
            td { (find("val").map_or("–".to_owned(), |one| compact(one.loss))) }
            td { (right(member.last.as_ref())) }
            @if has_test { td { (right(find("test"))) } }
        }
    }
}

/// `93.5 % (87 of 93)`.
fn right(one: Option<&Evaluation>) -> String {
    let text = |one: &Evaluation| {
        format!("{} ({} of {})", percent(one.accuracy()), one.correct, one.count)
    };
    one.map_or("–".to_owned(), text)
}

fn mean_row(record: &CampaignRecord, has_test: bool) -> Markup {
    let accuracy = |figure: Option<&Figure>| match figure.map(|figure| figure.accuracy) {
        Some(Spread { mean, sd: Some(sd) }) => format!("{} ± {}", percent(mean), points(sd)),
        Some(Spread { mean, sd: None }) => percent(mean),
        None => "–".to_owned(),
    };
    let best = record.figure("val", Weights::Best);
    html! {
        tr {
            th scope="row" { "Mean" }
            td.text { "± standard deviation" } td {} td {}
            td { (accuracy(best)) }
            td { (best.map_or("–".to_owned(), |figure| with_sd(figure.loss))) }
            td { (accuracy(record.figure("val", Weights::Last))) }
            @if has_test { td { (accuracy(record.figure("test", Weights::Best))) } }
        }
    }
}

fn setup(report: &CampaignReport, pipeline: Option<&str>) -> Markup {
    let record = &report.campaign;
    html! {
        section #setup aria-labelledby="setup-title" {
            h2 #setup-title { "Set-up" }
            div.card {
                dl.pairs {
                    dt { "Campaign" } dd { (report.name) }
                    dt { "Status" } dd { (status(record.status)) }
                    dt { "Started" } dd { (readable_time(&record.started)) }
                    dt { "Duration" } dd { (duration(record.seconds)) }
                    dt { "Classes" } dd { (record.class_names.len()) }
                    dt { "Cache" } dd { code { (record.cache_fingerprint) } }
                }
            }
            @if let Some(text) = pipeline {
                details open { summary { "The pipeline as given" } pre tabindex="0" { code { (text) } } }
            }
            details {
                summary { "The pipeline with every default resolved" }
                pre tabindex="0" { code { (format!("{:#}", record.spec)) } }
            }
        }
    }
}
