//! The scene: background, clutter, one or two shoes, something in the way.

mod background;
mod canvas;
mod clutter;
mod colour;
mod leg;
pub(crate) mod lens;
pub(crate) mod light;
mod mark;
mod pose;
mod room;
mod shape;
mod shoe;
mod trim;

use image::RgbImage;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::item::{Item, Stream};
use crate::tuning;
use canvas::Canvas;
use mark::Mark;
use pose::Pose;
use shoe::Shoe;

/// Draws a picture's scene, evenly lit and sharp.
pub(crate) fn draw(item: Item, seed: u64) -> RgbImage {
    let mut rng = item.rng(seed, Stream::Scene);
    let mark = Mark::random(item.class, &mut item.rng(seed, Stream::Mark));
    let (width, height) = random_size(&mut rng);
    let mut canvas = Canvas::new(width, height);
    background::paint(&mut canvas, &mut rng);
    clutter::scatter(&mut canvas, &mut rng);
    let shoe = Shoe::random(&mut rng);
    let pose = Pose::random(width as f32, height as f32, &mut rng);
    if rng.random_bool(tuning::PAIR_CHANCE) {
        let behind = pose.behind(&mut rng);
        shoe.paint(&mut canvas, &behind, &mark);
    }
    shoe.paint(&mut canvas, &pose, &mark);
    if rng.random_bool(tuning::OCCLUDER_CHANCE) {
        clutter::occlude(&mut canvas, &pose, &mut rng);
    }
    canvas.into_rgb()
}

/// Width and height in pixels, of the aspect ratios cameras and shops use.
fn random_size(rng: &mut ChaCha8Rng) -> (u32, u32) {
    const ASPECTS: [f32; 7] = [1.0, 1.0, 1.2, 1.333, 1.333, 1.5, 1.25];
    let long = rng.random_range(tuning::LONG_SIDE_PX);
    let aspect = ASPECTS[rng.random_range(0..ASPECTS.len())] * rng.random_range(0.97..1.03);
    let short = ((long as f32 / aspect) as u32).clamp(tuning::SHORT_SIDE_MIN_PX, long);
    if rng.random_bool(0.8) { (long, short) } else { (short, long) }
}
