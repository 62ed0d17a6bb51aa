//! SVG to PNG, with a font that comes along: the same pixels on every machine.

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};
use std::sync::{Arc, LazyLock};

/// Pixels per SVG unit.
const ZOOM: f32 = 2.0;
/// The longest side of a picture, in pixels.
const MAX_SIDE: f32 = 4096.0;

/// Text is set in Ubuntu Light; Hack and Noto Emoji fill in what it lacks.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    use epaint_default_fonts::{HACK_REGULAR, NOTO_EMOJI_REGULAR, UBUNTU_LIGHT};
    let mut fonts = Database::new();
    for font in [UBUNTU_LIGHT, HACK_REGULAR, NOTO_EMOJI_REGULAR] {
        fonts.load_font_data(font.to_vec());
    }
    let first = fonts.faces().next().and_then(|face| face.families.first().cloned());
    if let Some((family, _)) = first {
        fonts.set_sans_serif_family(&family);
        fonts.set_serif_family(family);
    }
    Arc::new(fonts)
});

/// Draws `svg`; the error is the renderer's own reason.
pub fn render(svg: &str) -> Result<Vec<u8>, String> {
    let options = Options { fontdb: FONTS.clone(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size();
    let zoom = ZOOM.min(MAX_SIDE / size.width().max(size.height()));
    let [width, height] = [size.width(), size.height()].map(|side| (side * zoom).ceil() as u32);
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| format!("{width} × {height} pixels are none"))?;
    resvg::render(&tree, Transform::from_scale(zoom, zoom), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::render;

    fn dark_pixels(png: &[u8]) -> usize {
        let picture = image::load_from_memory(png).unwrap().to_luma8();
        picture.pixels().filter(|pixel| pixel.0[0] < 128).count()
    }

    fn drawn(text: &str, font: &str) -> usize {
        let svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><rect width="200" height="40" fill="#fff"/><text x="4" y="30" font-size="30" font-family="{font}">{text}</text></svg>"##
        );
        dark_pixels(&render(&svg).unwrap())
    }

    #[test]
    fn text_is_drawn_without_any_font_of_the_system() {
        assert_eq!(drawn("", "serif"), 0);
        for font in ["serif", "sans-serif", "system-ui, Arial, sans-serif", "No Such Font"] {
            assert!(drawn("adidas", font) > 300, "{font}");
        }
    }

    #[test]
    fn what_is_no_svg_is_an_error() {
        assert!(render("<svg").is_err());
    }
}
