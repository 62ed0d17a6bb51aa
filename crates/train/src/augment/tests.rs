//! What each way of changing pictures does to them, by hand, and what it
//! follows from.

use super::{affine::Affine, *};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::Kind;

/// `list` as JSON at work on pictures of this height and width.
fn augmentation(list: &str, size: [u32; 2]) -> Augmentation {
    let list: Vec<Augment> = serde_json::from_str(list).unwrap();
    let mixing = Mixing::new(&list, size);
    Augmentation { list, mixing, seed: 7, size, fill: [1, 2, 3] }
}

/// Everything but mixing.
const EVERYTHING: &str = r#"[
    {"random_resized_crop": {}}, {"flip": {"vertical": 0.5}}, {"rotation": {"degrees": 30}},
    {"zoom": {"scale": [0.8, 1.2]}}, {"translation": {"height": 0.1, "width": 0.1}},
    {"brightness": {"amount": 0.3}}, {"contrast": {"amount": 0.3}},
    {"saturation": {"amount": 0.3}}, {"hue": {"amount": 0.1}}, {"random_erasing": {}}
]"#;

/// The same with every number such that nothing happens.
const NOTHING: &str = r#"[
    {"random_resized_crop": {"area": [1, 1], "aspect": [1, 1]}}, {"flip": {"horizontal": 0}},
    {"rotation": {"degrees": 0}}, {"zoom": {"scale": [1, 1]}},
    {"translation": {"height": 0, "width": 0}}, {"brightness": {"amount": 0}},
    {"contrast": {"amount": 0}}, {"saturation": {"amount": 0}}, {"hue": {"amount": 0}},
    {"random_erasing": {"probability": 0}}, {"mixup": {"probability": 0}},
    {"cutmix": {"probability": 0}}
]"#;

/// Row `row` of a split of noise.
fn image(row: usize, [height, width]: [u32; 2]) -> Tensor {
    let mut random = ChaCha8Rng::seed_from_u64(row as u64);
    let bytes: Vec<u8> = (0..3 * height * width).map(|_| random.random()).collect();
    Tensor::from_slice(&bytes).view([i64::from(height), i64::from(width), 3])
}

/// A batch of rows, each with the label `row % 3`.
fn batch(order: &Order, size: [u32; 2]) -> Batch {
    let images: Vec<Tensor> = order.rows.iter().map(|&row| image(row, size)).collect();
    let labels: Vec<i64> = order.rows.iter().map(|&row| row as i64 % 3).collect();
    Batch {
        images: Tensor::stack(&images, 0),
        labels: Tensor::from_slice(&labels),
        visits: order.visits(0..order.rows.len()),
        mixed: None,
    }
}

fn order(rows: &[usize]) -> Order {
    Order { rows: rows.to_vec(), ..Order::default() }
}

/// What `list` makes of one picture in `epoch`.
fn changed(list: &str, epoch: u32, image: &Tensor) -> Tensor {
    let sides = image.size();
    let augmentation = augmentation(list, [sides[0] as u32, sides[1] as u32]);
    let labels = Tensor::from_slice(&[0i64]);
    let visits = order(&[0]).visits(0..1);
    let batch = Batch { images: image.unsqueeze(0), labels, visits, mixed: None };
    augmentation.apply(epoch, batch).unwrap().images.squeeze_dim(0)
}

/// A picture of grey levels.
fn greys<const W: usize>(rows: &[[u8; W]]) -> Tensor {
    Tensor::from_slice2(rows).unsqueeze(2).repeat([1, 1, 3])
}

fn assert_greys<const W: usize>(found: &Tensor, wanted: &[[u8; W]]) {
    assert_eq!(found, &greys(wanted), "{}", found.select(2, 0));
}

#[test]
fn numbers_that_ask_for_nothing_change_no_bit() {
    let size = [13, 13];
    let augmentation = augmentation(NOTHING, size);
    let order = augmentation.order(1, order(&[4, 2, 9]), 3);
    let found = augmentation.apply(1, batch(&order, size)).unwrap();
    assert_eq!(found.images, batch(&self::order(&[4, 2, 9]), size).images);
    let shares = &found.mixed.unwrap().shares;
    assert_eq!(shares, &Tensor::from_slice(&[1.0f32; 3]));
}

#[test]
fn without_a_list_the_batch_is_the_very_same() {
    let images = batch(&order(&[1]), [2, 2]);
    let before = images.images.data_ptr();
    let after = augmentation("[]", [2, 2]).apply(1, images).unwrap();
    assert_eq!(after.images.data_ptr(), before);
}

#[test]
fn flips_mirror_rows_and_columns() {
    let image = greys(&[[1, 2, 3], [4, 5, 6]]);
    let found = changed(r#"[{"flip": {"horizontal": 1}}]"#, 1, &image);
    assert_greys(&found, &[[3, 2, 1], [6, 5, 4]]);
    let found = changed(r#"[{"flip": {"horizontal": 0, "vertical": 1}}]"#, 1, &image);
    assert_greys(&found, &[[4, 5, 6], [1, 2, 3]]);
}

#[test]
fn a_zoom_is_about_the_centre() {
    let image = greys(&[[0, 40, 80, 120]; 4]);
    // Twice as large: places 0.75, 1.25, 1.75, 2.25.
    let found = changed(r#"[{"zoom": {"scale": [2, 2]}}]"#, 1, &image);
    assert_greys(&found, &[[30, 50, 70, 90]; 4]);
    // Half as large: places −1.5, 0.5, 2.5, 4.5, the outer ones in the mirror.
    let found = changed(r#"[{"zoom": {"scale": [0.5, 0.5]}}]"#, 1, &image);
    assert_greys(&found, &[[20, 20, 100, 100]; 4]);
}

/// The map and colours of a picture in epochs from 1.
fn pictures(list: &str, size: [u32; 2]) -> Vec<Picture> {
    let augmentation = augmentation(list, size);
    (1..200).map(|epoch| augmentation.picture(epoch, Visit { row: 3, time: 0 })).collect()
}

/// Asserts that values are spread over the range.
fn assert_spread(values: impl Iterator<Item = f64>, low: f64, high: f64) {
    let (mut least, mut most) = (f64::MAX, f64::MIN);
    values.for_each(|value| (least, most) = (least.min(value), most.max(value)));
    let slack = (high - low) / 20.0;
    assert!(least >= low - 1e-9 && least < low + slack, "{least} instead of {low}");
    assert!(most <= high + 1e-9 && most > high - slack, "{most} instead of {high}");
}

#[test]
fn rotations_reach_so_many_degrees_to_both_sides_of_the_centre() {
    let angles =
        pictures(r#"[{"rotation": {"degrees": 20}}]"#, [40, 60]).into_iter().map(|found| {
            let Affine([[cos, back, x], [sin, same, y]]) = found.to_source;
            assert!((cos - same).abs() < 1e-12 && (sin + back).abs() < 1e-12);
            // The centre stays.
            assert!((cos * 30.0 + back * 20.0 + x - 30.0).abs() < 1e-9);
            assert!((sin * 30.0 + same * 20.0 + y - 20.0).abs() < 1e-9);
            sin.atan2(cos).to_degrees()
        });
    assert_spread(angles, -20.0, 20.0);
}

#[test]
fn a_positive_rotation_is_counter_clockwise() {
    let mut picture = Picture::new([2, 2]);
    picture.moved_about_centre(rotation::turn(90.0));
    let images = greys(&[[1, 2], [3, 4]]).unsqueeze(0);
    let found = retouch(&images, &[picture.retouch()], [0; 3]).unwrap();
    assert_greys(&found.squeeze_dim(0), &[[2, 4], [1, 3]]);
}

#[test]
fn translations_reach_a_share_of_each_side() {
    let list = r#"[{"translation": {"height": 0.25, "width": 0.1}}]"#;
    let found = pictures(list, [40, 60]);
    assert_spread(found.iter().map(|found| found.to_source.0[0][2]), -6.0, 6.0);
    assert_spread(found.iter().map(|found| found.to_source.0[1][2]), -10.0, 10.0);
}

#[test]
fn a_crop_is_stretched_to_the_whole_picture() {
    let list = r#"[{"random_resized_crop": {"area": [0.25, 0.25], "aspect": [1, 1]}}]"#;
    for found in pictures(list, [40, 60]) {
        // A square of a quarter of 2400 pixels.
        let (Affine([[x, _, left], [_, y, top]]), side) = (found.to_source, 24.0);
        assert!((x - side / 60.0).abs() < 1e-12 && (y - side / 40.0).abs() < 1e-12);
        assert!((0.0..=36.0).contains(&left) && (0.0..=16.0).contains(&top));
        assert!(left.fract() == 0.0 && top.fract() == 0.0);
    }
}

#[test]
fn moves_are_made_in_the_order_of_the_list() {
    // To the right half, then mirrored: what was rightmost is leftmost.
    let mut picture = Picture::new([1, 4]);
    picture.moved(Affine::shift(2.0, 0.0).of(Affine::scale(0.5, 1.0)));
    picture.moved_about_centre(Affine::scale(-1.0, 1.0));
    let corner = |x: f64| picture.to_source.0[0][0] * x + picture.to_source.0[0][2];
    assert_eq!((corner(0.0), corner(4.0)), (4.0, 2.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // torchvision's `ColorJitter` by its definition: each colour blended with
    // black, with the mean grey or with its own grey.
    #[test]
    fn colours_are_blended_as_torchvision_blends_them(epoch in 1u32..10_000) {
        let pixels = [[200u8, 100, 50], [10, 30, 60]];
        let image = Tensor::from_slice(&pixels.concat()).view([1, 2, 3]);
        let grey = |pixel: [u8; 3]| {
            0.299 * f64::from(pixel[0]) + 0.587 * f64::from(pixel[1]) + 0.114 * f64::from(pixel[2])
        };
        let mean_grey = (grey(pixels[0]) + grey(pixels[1])) / 2.0;
        type Of = fn(f64, f64) -> f64;
        let other: [(&str, Of); 3] = [
            ("brightness", |_, _| 0.0),
            ("contrast", |mean_grey, _| mean_grey),
            ("saturation", |_, own_grey| own_grey),
        ];
        for (kind, other) in other {
            let list = format!(r#"[{{"{kind}": {{"amount": 0.4}}}}]"#);
            let visit = Visit { row: 0, time: 0 };
            let picture = augmentation(&list, [1, 2]).picture(epoch, visit);
            // Off the diagonal is what a channel takes from another one.
            let factor = picture.colour.matrix[0][0] - picture.colour.matrix[1][0];
            prop_assert!((0.6..=1.4).contains(&factor));
            let found = Vec::<u8>::try_from(changed(&list, epoch, &image).flatten(0, -1)).unwrap();
            for (index, found) in found.into_iter().enumerate() {
                let pixel = pixels[index / 3];
                let blended = factor * f64::from(pixel[index % 3])
                    + (1.0 - factor) * other(mean_grey, grey(pixel));
                prop_assert!((f64::from(found) - blended.clamp(0.0, 255.0)).abs() <= 0.501);
            }
        }
    }

    #[test]
    fn a_picture_is_the_same_in_any_batch(
        rows in prop::collection::vec(0usize..50, 1..9), epoch in 1u32..100, row in 0usize..50,
    ) {
        let size = [9, 12];
        let augmentation = augmentation(EVERYTHING, size);
        let alone = augmentation.apply(epoch, batch(&order(&[row]), size)).unwrap().images;
        let place = rows.len() / 2;
        let mut rows = rows;
        rows.insert(place, row);
        let together = augmentation.apply(epoch, batch(&order(&rows), size)).unwrap().images;
        prop_assert_eq!(together.select(0, place as i64), alone.select(0, 0));
    }
}

#[test]
fn contrast_after_another_colour_is_about_the_mean_grey_by_then() {
    let mut colour = colour::Colour::IDENTITY;
    colour.offset = [30.0; 3];
    colour.away_from_mean_grey(0.0);
    // Everything is the mean grey: that of the picture, and 30 more.
    assert_eq!(colour.matrix, [[0.0; 3]; 3]);
    assert!(colour.offset.iter().all(|offset| (offset - 30.0).abs() < 1e-9));
    assert!(colour.of_mean.iter().all(|row| *row == colour::GREY));
}

#[test]
fn hue_turns_keep_greys_and_come_back_after_a_whole_circle() {
    for turn in 0..=12 {
        let matrix = hue::rotation(f64::from(turn) * std::f64::consts::TAU / 12.0);
        for row in matrix {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        if turn == 12 {
            assert!((matrix[0][0] - 1.0).abs() < 1e-12 && matrix[0][1].abs() < 1e-12);
        }
    }
    // The first column of the W3C's matrix at 120°, by hand: no red is left.
    let third = hue::rotation(std::f64::consts::TAU / 3.0).map(|row| 255.0 * row[0]);
    assert!(third[0] < 0.0 && (third[1] - 113.0).abs() < 0.6 && third[2] < 0.0, "{third:?}");
}

#[test]
fn a_box_is_erased_as_often_and_as_large_as_asked_for() {
    let list = r#"[{"random_erasing": {"probability": 0.3, "area": [0.1, 0.2]}}]"#;
    let found = pictures(list, [100, 80]);
    let boxes: Vec<[i32; 4]> =
        found.iter().map(|found| found.erased).filter(|erased| erased[2] > 0).collect();
    assert!((40..80).contains(&boxes.len()), "{} of 199", boxes.len());
    for [top, left, height, width] in boxes {
        assert!(top >= 0 && left >= 0 && top + height <= 100 && left + width <= 80);
        // Sides are whole pixels.
        assert!((700..=1700).contains(&(height * width)), "{height} by {width}");
    }
    let image = greys(&[[200; 30]; 30]);
    let found = changed(r#"[{"random_erasing": {"probability": 1}}]"#, 1, &image);
    let filled = found.select(2, 1).eq(2).sum(Kind::Int64).int64_value(&[]);
    assert!((18..=300).contains(&filled), "{filled} pixels of the fill's colour");
}

#[test]
fn epochs_seeds_rows_and_times_differ() {
    let augmentation = augmentation(EVERYTHING, [50, 50]);
    let first = augmentation.picture(1, Visit { row: 0, time: 0 });
    assert_eq!(first, augmentation.picture(1, Visit { row: 0, time: 0 }));
    let others = [(2, 0, 0), (1, 1, 0), (1, 0, 1)];
    for (epoch, row, time) in others {
        assert_ne!(first, augmentation.picture(epoch, Visit { row, time }), "{epoch} {row} {time}");
    }
    let other = Augmentation { seed: 8, ..augmentation };
    assert_ne!(first, other.picture(1, Visit { row: 0, time: 0 }));
}

#[test]
fn each_sample_is_followed_by_its_second_picture() {
    let augmentation = augmentation(r#"[{"mixup": {"alpha": 1}}]"#, [4, 4]);
    let own: Vec<usize> = (10..20).collect();
    let pairs = |batch| augmentation.order(3, order(&own), batch).rows;
    let (found, other) = (pairs(4), pairs(10));
    assert_eq!(found.len(), 20);
    assert_eq!(found[..4], own[..4]);
    assert_eq!(found[8..12], own[4..8]);
    assert_eq!(found[16..18], own[8..]);
    assert!(found.iter().all(|row| own.contains(row)));
    // Whatever the size of the batch, a sample has the same partner.
    assert_eq!(other[10..14], found[4..8]);
    assert_eq!(other[18..], found[18..]);
    assert_eq!((augmentation.rows(4), self::augmentation("[]", [4, 4]).rows(4)), (8, 4));
}

#[test]
fn mixup_adds_pictures_and_labels_by_the_same_share() {
    let size = [3, 5];
    let augmentation = augmentation(r#"[{"mixup": {"alpha": 1}}]"#, size);
    let found = augmentation.apply(1, batch(&order(&[0, 1, 4, 5]), size)).unwrap();
    let mixed = found.mixed.unwrap();
    assert_eq!(Vec::<i64>::try_from(&found.labels).unwrap(), [0, 1]);
    assert_eq!(Vec::<i64>::try_from(&mixed.labels).unwrap(), [1, 2]);
    assert_eq!(found.visits, order(&[0, 1]).visits(0..2));
    for (index, others) in [(0, 4), (1, 5)] {
        let share = mixed.shares.double_value(&[index]);
        assert!((0.0..1.0).contains(&share));
        let wanted = image(index as usize, size) * share + image(others, size) * (1.0 - share);
        let apart = (found.images.select(0, index).to_kind(Kind::Float) - wanted).abs().max();
        assert!(apart.double_value(&[]) <= 0.501, "{apart}");
    }
}

#[test]
fn cutmix_pastes_a_box_and_shares_labels_by_its_area() {
    let size = [20, 30];
    let augmentation = augmentation(r#"[{"cutmix": {}}]"#, size);
    let rows: Vec<usize> = (0..40).collect();
    let found = augmentation.apply(1, batch(&order(&rows), size)).unwrap();
    let shares = Vec::<f32>::try_from(&found.mixed.unwrap().shares).unwrap();
    for (index, share) in shares.iter().enumerate() {
        let now = found.images.select(0, index as i64);
        let own = now.eq_tensor(&image(index, size)).all_dim(2, false);
        let others = now.eq_tensor(&image(index + 20, size)).all_dim(2, false);
        assert_eq!(own.logical_or(&others).all().int64_value(&[]), 1);
        let kept = own.to_kind(Kind::Float).mean(Kind::Float).double_value(&[]);
        assert!((kept - f64::from(*share)).abs() < 1e-6, "{kept} of the picture, {share}");
    }
    let few = shares.iter().filter(|&&share| share < 0.7).count();
    assert!((4..=16).contains(&few), "{shares:?}");
}

#[test]
fn of_two_ways_of_mixing_each_is_taken_by_half_the_samples() {
    let augmentation = augmentation(r#"[{"mixup": {}}, {"cutmix": {}}]"#, [100, 100]);
    let mixing = augmentation.mixing.as_ref().unwrap();
    let blends = (0..400).map(|row| mixing.draw(1, 1, Visit { row, time: 0 }));
    let mixup = blends.filter(|blend| blend.mix.share < 1.0).count();
    assert!((150..250).contains(&mixup), "{mixup} of 400");
}
