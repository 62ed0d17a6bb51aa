use super::{
    affine::Affine,
    picture::{Change, Picture},
    sides::{TRIES, sides},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::RandomResizedCrop;

impl Change for RandomResizedCrop {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let [top, left, height, width] = part(self, random, picture.size.map(|side| side as i32));
        let scale =
            Affine::scale(f64::from(width) / picture.width(), f64::from(height) / picture.height());
        picture.moved(Affine::shift(left.into(), top.into()).of(scale));
    }
}

/// Top, left, height and width, in whole pixels: torchvision's
/// `RandomResizedCrop.get_params`.
fn part(spec: &RandomResizedCrop, random: &mut ChaCha8Rng, size: [i32; 2]) -> [i32; 4] {
    let [height, width] = size;
    for _ in 0..TRIES {
        let pixels = f64::from(height) * f64::from(width);
        let [w, h] = sides(random, pixels, spec.area, spec.aspect);
        if (1..=width).contains(&w) && (1..=height).contains(&h) {
            let top = random.random_range(0..=height - h);
            return [top, random.random_range(0..=width - w), h, w];
        }
    }
    // The largest part in the middle that has an allowed aspect.
    let (own, [low, high]) = (f64::from(width) / f64::from(height), spec.aspect.0);
    let h = if own < low { (f64::from(width) / low).round() as i32 } else { height };
    let w = if own > high { (f64::from(height) * high).round() as i32 } else { width };
    let [h, w] = [h.clamp(1, height), w.clamp(1, width)];
    [(height - h) / 2, (width - w) / 2, h, w]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use shoebox_spec::Range;

    proptest! {
        #[test]
        fn a_part_lies_in_the_picture_and_has_about_the_area_and_aspect_asked_for(
            seed: u64, height in 20i32..300, width in 20i32..300,
        ) {
            let spec = RandomResizedCrop { area: Range([0.2, 0.9]), ..Default::default() };
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let [top, left, h, w] = part(&spec, &mut random, [height, width]);
            prop_assert!(top >= 0 && left >= 0 && top + h <= height && left + w <= width);
            let aspect = f64::from(w) / f64::from(h);
            // Sides are whole pixels.
            prop_assert!((0.75 - 0.1..=4.0 / 3.0 + 0.15).contains(&aspect), "{}", aspect);
        }
    }

    #[test]
    fn where_nothing_fits_it_is_the_largest_in_the_middle() {
        // All of a picture of 2:1 is asked for, as a square at most.
        let spec = RandomResizedCrop { area: Range([1.0, 1.0]), aspect: Range([0.75, 1.0]) };
        let mut random = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(part(&spec, &mut random, [100, 200]), [0, 50, 100, 100]);
        assert_eq!(part(&spec, &mut random, [400, 150]), [100, 0, 200, 150]);
    }
}
