//! The confusion matrix as a picture.

use crate::{Chart, ConfusionMatrix, format::whole_percent, heat, place, text};
use maud::{Markup, html};

/// Up to this many classes each cell shows its numbers.
pub const MAX_NUMBERED: usize = 24;
/// Up to this many classes rows and columns are named; beyond, they are pixels.
const MAX_NAMED: usize = 60;
/// The opacity of a cell that holds all of its row: ink stays readable on it.
pub(super) const MAX_OPACITY: f64 = 0.8;
/// Letters of a class's name.
const NAME_LETTERS: usize = 20;
/// The room for what the columns are.
const HEAD: f64 = 24.0;

/// Draws the matrix of `split`: rows are true classes, columns predicted ones,
/// the colour's strength is the root of the share of the row, so that a tenth
/// of a class already shows.
pub fn confusion_matrix(split: &str, names: &[String], matrix: &ConfusionMatrix) -> Chart {
    let drawing = Drawing::new(names, matrix);
    let title = format!("Confusion matrix, {split}");
    let (correct, total) = (matrix.correct(), matrix.total());
    Chart {
        name: format!("confusion_matrix_{split}"),
        description: format!(
            "{correct} of {total} images on the diagonal, {} classes; rows are true classes, columns predicted ones",
            names.len()
        ),
        size: drawing.size(),
        body: drawing.body(),
        title,
    }
}

struct Drawing<'a> {
    names: Vec<String>,
    matrix: &'a ConfusionMatrix,
    /// The side of a cell.
    cell: f64,
    /// The corner of the first cell.
    left: f64,
    top: f64,
    slanted: bool,
    /// Of the names.
    font_size: f64,
}

impl<'a> Drawing<'a> {
    fn new(names: &[String], matrix: &'a ConfusionMatrix) -> Self {
        let count = names.len();
        let named = count <= MAX_NAMED;
        let names: Vec<String> = match named {
            true => names.iter().map(|name| text::shorten(name, NAME_LETTERS)).collect(),
            false => Vec::new(),
        };
        let cell = match count {
            ..=MAX_NUMBERED => (620.0 / count as f64).clamp(42.0, 108.0),
            _ if named => 18.0,
            _ => 720.0 / count as f64,
        };
        // Leaning neighbours are cell / √2 apart, which must hold a line of text.
        let font_size = if cell < 20.0 { 10.5 } else { 13.0 };
        let longest = names.iter().map(|name| text::width(name, font_size)).fold(24.0, f64::max);
        let slanted = named && longest + 6.0 > cell;
        // A name that leans by 45° is as high as it is wide: its length over √2.
        let head = if slanted { longest * 0.71 + 18.0 } else { 26.0 };
        Self { names, matrix, cell, left: longest + 36.0, top: HEAD + head, slanted, font_size }
    }

    fn side(&self) -> f64 {
        self.cell * self.matrix.classes() as f64
    }

    fn size(&self) -> [f64; 2] {
        // The last name leans out of the matrix to the right.
        let lean = if self.slanted { self.top - HEAD } else { 4.0 };
        let legend = 44.0;
        [
            (self.left + self.side() + lean).max(300.0).ceil(),
            (self.top + self.side() + legend).ceil(),
        ]
    }

    fn body(&self) -> Markup {
        let (middle_x, middle_y) = (self.left + self.side() / 2.0, self.top + self.side() / 2.0);
        let turned = format!("rotate(-90 12 {})", place(middle_y));
        html! {
            text.note x=(place(middle_x)) y="12" text-anchor="middle" { "predicted class" }
            text.note x="12" y=(place(middle_y)) text-anchor="middle" transform=(turned) { "true class" }
            @if self.matrix.classes() <= MAX_NAMED { (self.cells()) } @else { (self.pixels()) }
            (self.labels())
            (self.legend())
        }
    }

    fn labels(&self) -> Markup {
        let centre = |index: usize| (index as f64 + 0.5) * self.cell;
        let column = |index: usize, name: &str| {
            let x = place(self.left + centre(index) + if self.slanted { 4.0 } else { 0.0 });
            let y = place(self.top - 8.0);
            let (anchor, turn) = match self.slanted {
                true => ("start", Some(format!("rotate(-45 {x} {y})"))),
                false => ("middle", None),
            };
            html! { text x=(x) y=(y) text-anchor=(anchor) transform=[turn] { (name) } }
        };
        html! {
            g font-size=(self.font_size) {
                @for (index, name) in self.names.iter().enumerate() {
                    @let y = place(self.top + centre(index) + self.font_size * 0.35);
                    text x=(place(self.left - 8.0)) y=(y) text-anchor="end" { (name) }
                    (column(index, name))
                }
            }
        }
    }

    fn cells(&self) -> Markup {
        let classes = 0..self.matrix.classes();
        html! {
            @for truth in classes.clone() {
                @for predicted in classes.clone() { (self.cell(truth, predicted)) }
            }
        }
    }

    fn cell(&self, truth: usize, predicted: usize) -> Markup {
        let (x, y) =
            (self.left + predicted as f64 * self.cell, self.top + truth as f64 * self.cell);
        let count = self.matrix.get(truth, predicted);
        let share = self.matrix.row_share(truth, predicted).unwrap_or(0.0);
        let said = format!(
            "true {}, predicted {}: {count} of {} images ({})",
            self.names[truth],
            self.names[predicted],
            self.matrix.support(truth),
            whole_percent(share)
        );
        let (x, y, side) = (place(x), place(y), place(self.cell));
        html! {
            g {
                title { (said) }
                rect.cell x=(x) y=(y) width=(side) height=(side) rx="3" {}
                @if count > 0 {
                    rect class={ "cell " (hue(truth, predicted)) } fill-opacity=(opacity(share))
                        x=(x) y=(y) width=(side) height=(side) rx="3" {}
                }
                @if self.matrix.classes() <= MAX_NUMBERED { (self.numbers(x, y, count, share)) }
            }
        }
    }

    /// The count, and below it the share of the row; a quiet 0 where there is nothing.
    fn numbers(&self, x: f64, y: f64, count: u64, share: f64) -> Markup {
        let (x, y) = (place(x + self.cell / 2.0), y + self.cell / 2.0);
        let digits = count.to_string().len().max(2) as f64;
        let large = place((self.cell * 0.28).min(self.cell * 1.3 / digits).clamp(9.0, 22.0));
        let small = place((self.cell * 0.2).clamp(9.0, 13.0));
        if count == 0 {
            let y = place(y + small * 0.35);
            return html! { text.none x=(x) y=(y) font-size=(small) text-anchor="middle" { "0" } };
        }
        html! {
            text.count x=(x) y=(place(y)) font-size=(large) text-anchor="middle" { (count) }
            text x=(x) y=(place(y + small * 1.35)) font-size=(small) text-anchor="middle" {
                (whole_percent(share))
            }
        }
    }

    /// All cells as one picture.
    fn pixels(&self) -> Markup {
        let (side, [x, y]) = (place(self.side()), [self.left, self.top].map(place));
        html! {
            rect.cell x=(x) y=(y) width=(side) height=(side) {}
            @if let Some(picture) = heat::picture(self.matrix) {
                image x=(x) y=(y) width=(side) height=(side) href=(picture)
                    image-rendering="optimizeSpeed" style="image-rendering:pixelated" {}
            }
            rect.frame x=(x) y=(y) width=(side) height=(side) {}
        }
    }

    fn legend(&self) -> Markup {
        let y = self.top + self.side() + 20.0;
        let note = |x: f64, text: &str| {
            html! { text.note x=(place(x)) y=(place(y + 11.5)) { (text) } }
        };
        let key = |x: f64, hue: &str| {
            html! {
                rect class={ "cell " (hue) } x=(place(x)) y=(place(y)) width="14" height="14" rx="3"
                    fill-opacity=(MAX_OPACITY) {}
            }
        };
        let order = match heat::classes_per_pixel(self.matrix.classes()) {
            _ if !self.names.is_empty() => String::new(),
            1 => "; classes by name from the top left".to_owned(),
            n => format!(
                "; classes by name from the top left, a pixel is the strongest of {n} × {n}"
            ),
        };
        html! {
            (key(self.left, "hit")) (note(self.left + 20.0, "right"))
            (key(self.left + 66.0, "miss")) (note(self.left + 86.0, "wrong"))
            @if self.side() > 300.0 {
                (note(self.left + 140.0, &format!("the stronger, the larger the share of its row{order}")))
            }
        }
    }
}

/// The CSS class of a cell, and the name of its colour.
pub(super) fn hue(truth: usize, predicted: usize) -> &'static str {
    if truth == predicted { "hit" } else { "miss" }
}

/// The root of the share, so that little is seen too; rounded to a hundredth.
pub(super) fn opacity(share: f64) -> f64 {
    (MAX_OPACITY * share.sqrt() * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(classes: usize) -> Chart {
        let names: Vec<_> = (0..classes).map(|class| format!("class {class}")).collect();
        let pairs = (0..classes).flat_map(|class| [(class, class), (class, (class + 1) % classes)]);
        confusion_matrix("val", &names, &ConfusionMatrix::count(classes, pairs))
    }

    #[test]
    fn few_classes_have_counts_and_shares() {
        let svg = chart(2).svg();
        assert_eq!(svg.matches("class=\"count\"").count(), 4);
        assert_eq!(svg.matches("50\u{202f}%</text>").count(), 4);
        assert!(svg.contains("true class 0, predicted class 1: 1 of 2 images"));
    }

    #[test]
    fn more_classes_have_names_and_no_numbers() {
        let svg = chart(40).svg();
        assert!(svg.contains(">class 39</text>"));
        assert!(!svg.contains("class=\"count\""));
    }

    #[test]
    fn a_thousand_classes_are_one_picture_of_modest_size() {
        let svg = chart(1000).svg();
        assert!(svg.contains("data:image/png;base64,"));
        assert!(svg.len() < 200_000, "{}", svg.len());
    }

    #[test]
    fn a_name_with_markup_in_it_is_text() {
        let names = ["<b>&\"".to_owned(), "\u{1}x".to_owned()];
        let chart = confusion_matrix("val", &names, &ConfusionMatrix::count(2, [(0, 1)]));
        assert!(chart.svg().contains("&lt;b&gt;&amp;"));
        assert!(chart.png().is_ok());
    }

    #[test]
    fn every_size_becomes_a_png() {
        for classes in [2, 10, 24, 25, 61, 1000] {
            assert!(chart(classes).png().is_ok(), "{classes}");
        }
    }
}
