//! The pictures that it was trained and measured on.

use super::scrolling;
use crate::{
    format::grouped,
    pictures::{Inline, Pictures},
    report::Report,
};
use maud::{Markup, html};
use shoebox_artifact::records::{Manifest, SplitRecord};

/// With more classes than this the counts are folded away.
const MAX_OPEN: usize = 24;

pub fn section(report: &Report, pictures: &Pictures) -> Markup {
    html! {
        section #data aria-labelledby="data-title" {
            h2 #data-title { "Data" }
            @match &report.cache {
                Some(manifest) => (counts(manifest)),
                None => p.note { "Nothing is known about the pictures, since the cache is missing: " (pictures.absence().unwrap_or_default()) "." },
            }
            @if let Some(sheet) = pictures.contact_sheet() { (contact_sheet(&sheet)) }
        }
    }
}

/// The splits in the order in which data passes through them.
fn splits(manifest: &Manifest) -> Vec<(&str, &SplitRecord)> {
    let place = |name: &str| ["train", "val", "test"].iter().position(|other| *other == name);
    let mut splits: Vec<_> =
        manifest.splits.iter().map(|(name, record)| (name.as_str(), record)).collect();
    splits.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
    splits
}

fn counts(manifest: &Manifest) -> Markup {
    let splits = splits(manifest);
    let [height, width] = manifest.image_size;
    let classes = manifest.class_names.len();
    html! {
        div.card {
            h3 { "Images per class and split" }
            p.note { (classes) " classes, every picture prepared to " (width) " × " (height) " pixels (width × height)." }
            @if classes <= MAX_OPEN {
                (scrolling("Images per class", count_table(manifest, &splits)))
            } @else {
                details { summary { "All " (classes) " classes" } (scrolling("Images per class", count_table(manifest, &splits))) }
            }
            dl.pairs {
                @for (name, record) in &splits {
                    dt { (name) }
                    dd {
                        code { (record.source) } ": " (grouped(record.count()))
                        @if record.skipped > 0 { ", " (grouped(record.skipped)) " unreadable left out" }
                        @if record.dropped > 0 { ", " (grouped(record.dropped)) " left out since their like is in another split" }
                    }
                }
            }
        }
    }
}

fn count_table(manifest: &Manifest, splits: &[(&str, &SplitRecord)]) -> Markup {
    html! {
        table.numbers.narrow {
            thead { tr { th scope="col" { "Class" } @for (name, _) in splits { th scope="col" { (name) } } } }
            tbody {
                @for (class, name) in manifest.class_names.iter().enumerate() {
                    tr {
                        th scope="row" { (name) }
                        @for (_, record) in splits { td { (record.counts.get(class).copied().map_or("–".to_owned(), grouped)) } }
                    }
                }
            }
            tfoot { tr { th scope="row" { "All" } @for (_, record) in splits { td { (grouped(record.count())) } } } }
        }
    }
}

fn contact_sheet(sheet: &Inline) -> Markup {
    html! {
        figure.card {
            h3 { "A sample of the pictures" }
            img.sheet src=(sheet.uri) width=(sheet.width) height=(sheet.height)
                alt="Contact sheet of prepared pictures, each with the name of its class";
        }
    }
}
