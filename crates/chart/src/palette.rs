//! The colours of page and charts.
//!
//! Blue for val and for right, orange for train and for wrong: a pair that
//! people with any common colour blindness tell apart (after Okabe and Ito,
//! "Color universal design", 2008), and lines differ by dashes too. Runs beside
//! each other have colours of their own and a letter at the line's end. Every
//! text is tested to have a contrast of 4.5 : 1 or more with its ground.

/// One theme's colours, by the name of their CSS variable.
#[derive(Debug, Clone, Copy)]
pub struct Palette([(&'static str, &'static str); 20]);

/// Dark ink on light paper.
pub const LIGHT: Palette = Palette([
    ("paper", "#f6f6f3"),
    ("card", "#ffffff"),
    ("ink", "#1d2329"),
    ("muted", "#5a6570"),
    ("rule", "#e1e4e7"),
    ("blank", "#f3f4f5"),
    ("train", "#b4500b"),
    ("val", "#0b62b5"),
    ("hit", "#4f9be0"),
    ("miss", "#f0a35e"),
    ("caution", "#8a5a00"),
    ("caution-ground", "#fdf3dc"),
    ("run-1", "#0b62b5"),
    ("run-2", "#b4500b"),
    ("run-3", "#1b7a43"),
    ("run-4", "#8b3fb0"),
    ("run-5", "#b3261e"),
    ("run-6", "#0b7285"),
    ("run-7", "#7a5c12"),
    ("run-8", "#5b5f97"),
]);

/// Light ink on dark paper.
pub const DARK: Palette = Palette([
    ("paper", "#111418"),
    ("card", "#191d23"),
    ("ink", "#e6e9ed"),
    ("muted", "#9ba6b2"),
    ("rule", "#2d343d"),
    ("blank", "#20252c"),
    ("train", "#f2a460"),
    ("val", "#70b4f8"),
    ("hit", "#2f7cc4"),
    ("miss", "#b8651c"),
    ("caution", "#f0c674"),
    ("caution-ground", "#2a2418"),
    ("run-1", "#70b4f8"),
    ("run-2", "#f2a460"),
    ("run-3", "#63cf96"),
    ("run-4", "#d09df2"),
    ("run-5", "#ff8f87"),
    ("run-6", "#5fcbdc"),
    ("run-7", "#d6b65f"),
    ("run-8", "#a9aef0"),
]);

impl Palette {
    /// The colours as CSS custom properties: `--paper:#f6f6f3;…`.
    pub fn properties(&self) -> String {
        self.0.iter().map(|(name, colour)| format!("--{name}:{colour};")).collect()
    }

    /// `style` with each `var(--name)` replaced by its colour, for programs
    /// that don't know variables.
    pub fn resolve(&self, style: &str) -> String {
        self.0.iter().fold(style.to_owned(), |style, (name, colour)| {
            style.replace(&format!("var(--{name})"), colour)
        })
    }

    /// The red, green and blue of a colour, 0–255.
    pub fn rgb(&self, name: &str) -> Option<[u8; 3]> {
        let (_, colour) = self.0.iter().find(|(other, _)| *other == name)?;
        let channel = |start: usize| u8::from_str_radix(colour.get(start..start + 2)?, 16).ok();
        Some([channel(1)?, channel(3)?, channel(5)?])
    }
}

#[cfg(test)]
mod tests {
    use super::{DARK, LIGHT, Palette};
    use crate::{STYLE, matrix::MAX_OPACITY};

    /// Relative luminance and contrast as WCAG 2.1 defines them.
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let linear = |c: f64| match c / 255.0 {
            c if c <= 0.04045 => c / 12.92,
            c => ((c + 0.055) / 1.055).powf(2.4),
        };
        let luminance = |[r, g, b]: [f64; 3]| {
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05
        };
        let (one, other) = (luminance(one), luminance(other));
        (one / other).max(other / one)
    }

    fn rgb(palette: &Palette, name: &str) -> [f64; 3] {
        palette.rgb(name).unwrap().map(f64::from)
    }

    #[test]
    fn every_text_stands_out_from_its_ground() {
        let pairs = [
            ("ink", "paper"),
            ("ink", "card"),
            ("ink", "blank"),
            ("muted", "blank"),
            ("muted", "paper"),
            ("muted", "card"),
            ("train", "card"),
            ("val", "card"),
            ("val", "paper"),
            ("caution", "caution-ground"),
            ("ink", "caution-ground"),
        ];
        let runs = ["run-1", "run-2", "run-3", "run-4", "run-5", "run-6", "run-7", "run-8"];
        let runs = runs.map(|run| [(run, "card"), (run, "paper")]);
        let pairs = pairs.into_iter().chain(runs.into_iter().flatten()).collect::<Vec<_>>();
        for palette in [LIGHT, DARK] {
            for &(text, ground) in &pairs {
                let found = contrast(rgb(&palette, text), rgb(&palette, ground));
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
        }
    }

    #[test]
    fn numbers_stand_out_from_every_cell_of_the_matrix() {
        for palette in [LIGHT, DARK] {
            let (blank, ink) = (rgb(&palette, "blank"), rgb(&palette, "ink"));
            for heat in ["hit", "miss"].map(|name| rgb(&palette, name)) {
                for opacity in (0..=10).map(|step| MAX_OPACITY * f64::from(step) / 10.0) {
                    let ground = [0, 1, 2].map(|c| blank[c] + opacity * (heat[c] - blank[c]));
                    let found = contrast(ink, ground);
                    assert!(found >= 4.5, "{heat:?} at {opacity:.2}: {found:.2}");
                }
            }
        }
    }

    #[test]
    fn resolving_leaves_no_variable() {
        for palette in [LIGHT, DARK] {
            assert!(!palette.resolve(STYLE).contains("var("));
        }
    }
}
