//! What was run, so that it can be run again.

use super::frame::{readable_time, status};
use crate::{
    format::{duration, grouped},
    report::Report,
};
use maud::{Markup, html};

pub fn section(report: &Report, pipeline: Option<&str>) -> Markup {
    html! {
        section #setup aria-labelledby="setup-title" {
            h2 #setup-title { "Set-up" }
            div.card { (facts(report)) }
            @match pipeline {
                Some(text) => details open { summary { "The pipeline as given" } pre tabindex="0" { code { (text) } } },
                None => p.note { "The pipeline as given (pipeline.yaml) is not in the run’s folder." },
            }
            details {
                summary { "The pipeline with every default resolved" }
                pre tabindex="0" { code { (format!("{:#}", report.run.spec)) } }
            }
        }
    }
}

fn facts(report: &Report) -> Markup {
    let run = &report.run;
    html! {
        dl.pairs {
            dt { "Run" } dd { (report.name) }
            dt { "Status" } dd { (status(run.status)) }
            dt { "Started" } dd { (readable_time(&run.started)) }
            dt { "Duration" } dd { (duration(run.seconds)) }
            dt { "Seed" } dd { (run.seed) }
            dt { "Device" } dd { (run.device) }
            dt { "CPU threads" } dd { (run.threads) }
            dt { "Parameters" } dd { (grouped(run.parameters)) }
            dt { "Classes" } dd { (run.class_names.len()) }
            dt { "Versions" } dd { "Shoebox " (run.versions.shoebox) ", libtorch " (run.versions.libtorch) }
            dt { "Cache" } dd { code { (run.cache_fingerprint) } }
        }
    }
}
