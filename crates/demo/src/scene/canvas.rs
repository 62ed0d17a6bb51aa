//! The drawing surface: tiny-skia behind the few calls that the scene needs.

use image::RgbImage;
use tiny_skia::{
    FillRule, GradientStop, LineCap, LinearGradient, Mask, Paint, Path, Pixmap, Point,
    RadialGradient, Shader, SpreadMode, Stroke, Transform,
};

use super::colour::Rgb;

/// A colour with an opacity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ink {
    pub(crate) colour: Rgb,
    pub(crate) alpha: f32,
}

impl Ink {
    pub(crate) fn solid(colour: Rgb) -> Self {
        Self { colour, alpha: 1.0 }
    }

    pub(crate) fn sheer(colour: Rgb, alpha: f32) -> Self {
        Self { colour, alpha }
    }

    fn shader(self) -> Shader<'static> {
        Shader::SolidColor(self.colour.opacity(self.alpha))
    }
}

/// A picture being drawn. A path of `None` has nothing in it to draw.
pub(crate) struct Canvas {
    pixmap: Pixmap,
    /// What the following calls are confined to.
    clip: Option<Mask>,
}

impl Canvas {
    /// A black picture. Sizes are in pixels and above zero.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let pixmap = Pixmap::new(width, height).expect("both sides are above zero");
        Self { pixmap, clip: None }
    }

    pub(crate) fn width(&self) -> f32 {
        self.pixmap.width() as f32
    }

    pub(crate) fn height(&self) -> f32 {
        self.pixmap.height() as f32
    }

    /// The longer side, in pixels.
    pub(crate) fn long_side(&self) -> f32 {
        self.width().max(self.height())
    }

    /// Draws with everything confined to a path.
    pub(crate) fn clipped(&mut self, path: Option<&Path>, draw: impl FnOnce(&mut Self)) {
        let Some(path) = path else { return };
        let mask = Mask::new(self.pixmap.width(), self.pixmap.height());
        let outer = std::mem::replace(&mut self.clip, mask);
        if let Some(mask) = &mut self.clip {
            mask.fill_path(path, FillRule::Winding, true, Transform::identity());
        }
        draw(self);
        self.clip = outer;
    }

    /// Fills the whole picture.
    pub(crate) fn flood(&mut self, colour: Rgb) {
        self.pixmap.fill(colour.opacity(1.0));
    }

    pub(crate) fn fill(&mut self, path: Option<&Path>, ink: Ink) {
        self.fill_with(path, ink.shader());
    }

    /// Fills from one ink to the other along the line between two points, in
    /// pixels.
    pub(crate) fn fill_gradient(
        &mut self,
        path: Option<&Path>,
        (from, start): (Point, Ink),
        (to, end): (Point, Ink),
    ) {
        let stops = stops(&[(0.0, start), (1.0, end)]);
        let spread = SpreadMode::Pad;
        let shader = LinearGradient::new(from, to, stops, spread, Transform::identity());
        self.fill_with(path, shader.unwrap_or(start.shader()));
    }

    /// Fills an ellipse that fades from its centre to its rim; `placed` turns
    /// the unit circle into it.
    pub(crate) fn glow(&mut self, placed: Transform, ink: Ink) {
        let edge = Ink { alpha: 0.0, ..ink };
        let middle = Ink { alpha: ink.alpha * 0.55, ..ink };
        let stops = stops(&[(0.0, ink), (0.5, middle), (1.0, edge)]);
        let origin = Point::zero();
        let spread = SpreadMode::Pad;
        let shader =
            RadialGradient::new(origin, 0.0, origin, 1.0, stops, spread, Transform::identity());
        let circle = tiny_skia::PathBuilder::from_circle(0.0, 0.0, 1.0);
        let (Some(shader), Some(circle)) = (shader, circle) else { return };
        let paint = Paint { shader, ..Paint::default() };
        self.pixmap.fill_path(&circle, &paint, FillRule::Winding, placed, self.clip.as_ref());
    }

    /// Strokes a path with round ends; the width is in pixels.
    pub(crate) fn stroke(&mut self, path: Option<&Path>, width: f32, ink: Ink) {
        let Some(path) = path else { return };
        let paint = Paint { shader: ink.shader(), ..Paint::default() };
        let stroke = Stroke { width, line_cap: LineCap::Round, ..Stroke::default() };
        let identity = Transform::identity();
        self.pixmap.stroke_path(path, &paint, &stroke, identity, self.clip.as_ref());
    }

    /// Lays a small picture over the whole, enlarged smoothly.
    pub(crate) fn overlay(&mut self, small: &Pixmap, alpha: f32) {
        let scale = Transform::from_scale(
            self.width() / small.width() as f32,
            self.height() / small.height() as f32,
        );
        let paint = tiny_skia::PixmapPaint {
            opacity: alpha,
            quality: tiny_skia::FilterQuality::Bilinear,
            ..tiny_skia::PixmapPaint::default()
        };
        self.pixmap.draw_pixmap(0, 0, small.as_ref(), &paint, scale, self.clip.as_ref());
    }

    fn fill_with(&mut self, path: Option<&Path>, shader: Shader<'_>) {
        let Some(path) = path else { return };
        let paint = Paint { shader, ..Paint::default() };
        let identity = Transform::identity();
        self.pixmap.fill_path(path, &paint, FillRule::Winding, identity, self.clip.as_ref());
    }

    /// The finished picture. It is opaque, so nothing needs to be divided by
    /// its alpha.
    pub(crate) fn into_rgb(self) -> RgbImage {
        let (width, height) = (self.pixmap.width(), self.pixmap.height());
        let bytes = self.pixmap.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]);
        RgbImage::from_raw(width, height, bytes.collect())
            .expect("three bytes were collected for each pixel")
    }
}

fn stops(at: &[(f32, Ink)]) -> Vec<GradientStop> {
    at.iter().map(|(t, ink)| GradientStop::new(*t, ink.colour.opacity(ink.alpha))).collect()
}
