//! Moved, recoloured and mixed pictures, by hand and against libtorch's own
//! operations, on every kind of vectors that this processor has.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_kernels::{Mix, Retouch, Vectors, mix, mix_in_steps, retouch, retouch_in_steps};
use std::sync::Mutex;
use tch::{Device, Kind, Tensor};

/// Runs `test` on each kind of vectors; the chosen ones are the process's.
fn on_all_vectors(test: impl Fn(Vectors)) {
    static PROCESS: Mutex<()> = Mutex::new(());
    let _alone = PROCESS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let before = Vectors::in_use();
    for vectors in Vectors::ALL {
        if vectors.choose() {
            test(vectors);
        }
    }
    assert!(before.choose());
}

/// Pictures `[B,H,W,3]` of noise.
fn noise(samples: i64, height: i64, width: i64) -> Tensor {
    tch::manual_seed(samples * 10_000 + height * 100 + width);
    Tensor::randint(256, [samples, height, width, 3], (Kind::Uint8, Device::Cpu))
}

/// One line of grey pixels.
fn line(greys: &[u8]) -> Tensor {
    let bytes: Vec<u8> = greys.iter().flat_map(|&grey| [grey; 3]).collect();
    Tensor::from_slice(&bytes).view([1, 1, greys.len() as i64, 3])
}

/// The bytes of a picture.
fn bytes(images: &Tensor) -> Vec<u8> {
    Vec::try_from(images.flatten(0, -1)).unwrap()
}

fn shifted(x: f32) -> Retouch {
    Retouch { to_source: [[1.0, 0.0, x], [0.0, 1.0, 0.0]], ..Retouch::NOTHING }
}

#[test]
fn where_nothing_is_asked_for_no_bit_changes() {
    on_all_vectors(|vectors| {
        for (height, width) in [(1, 1), (1, 2), (2, 1), (5, 7), (16, 16), (33, 47)] {
            let images = noise(3, height, width);
            let found = retouch(&images, &[Retouch::NOTHING; 3], [9; 3]).unwrap();
            assert_eq!(found, images, "{vectors}, {height} by {width}");
            let mixed = mix(&images, &noise(3, height, width), &[NO_MIX; 3]).unwrap();
            assert_eq!(mixed, images, "{vectors}, {height} by {width}");
        }
        assert_eq!(retouch(&noise(0, 4, 4), &[], [0; 3]).unwrap().size(), [0, 4, 4, 3]);
    });
}

const NO_MIX: Mix = Mix { share: 1.0, pasted: [0; 4] };

#[test]
fn places_between_pixels_are_interpolated_and_beyond_the_edge_mirrored() {
    on_all_vectors(|vectors| {
        let images = line(&[10, 20, 41]);
        let grey = |of| bytes(&retouch(&images, &[of], [0; 3]).unwrap())[..].to_vec();
        let channels = |greys: [u8; 3]| greys.map(|grey| [grey; 3]).concat();
        // 30.5 is rounded up; behind the last pixel comes the last pixel.
        assert_eq!(grey(shifted(0.5)), channels([15, 31, 41]), "{vectors}");
        assert_eq!(grey(shifted(2.0)), channels([41, 41, 20]), "{vectors}");
        assert_eq!(grey(shifted(-4.0)), channels([41, 41, 20]), "{vectors}");
        // A period of the mirror image is twice the line.
        assert_eq!(grey(shifted(6.0)), channels([10, 20, 41]), "{vectors}");
        let flipped =
            Retouch { to_source: [[-1.0, 0.0, 2.0], [0.0, 1.0, 0.0]], ..Retouch::NOTHING };
        assert_eq!(grey(flipped), channels([41, 20, 10]), "{vectors}");
    });
}

#[test]
fn rows_and_columns_are_interpolated_alike() {
    on_all_vectors(|_| {
        let images = Tensor::from_slice(&[[0u8; 3], [100; 3], [40; 3], [60; 3]].concat());
        let middle = Retouch { to_source: [[1.0, 0.0, 0.5], [0.0, 1.0, 0.25]], ..Retouch::NOTHING };
        let found = bytes(&retouch(&images.view([1, 2, 2, 3]), &[middle], [0; 3]).unwrap());
        // Three quarters of 50 and a quarter of 50; on the right 100 and 60.
        assert_eq!(found, [[50u8; 3], [90; 3], [50; 3], [60; 3]].concat());
    });
}

#[test]
fn colours_go_through_the_matrix_and_the_mean_and_are_clipped() {
    on_all_vectors(|vectors| {
        // Means of 20, 50 and 100.
        let pixels = Tensor::from_slice(&[10u8, 50, 0, 30, 50, 200]).view([1, 1, 2, 3]);
        let of = Retouch {
            matrix: [[0.0, 1.0, 0.0], [2.0, 0.0, 0.5], [0.0, 0.0, 1.0]],
            offset: [0.5, -30.0, 0.0],
            of_mean: [[0.0; 3], [0.0; 3], [1.0, 0.0, 0.5]],
            ..Retouch::NOTHING
        };
        let found = bytes(&retouch(&pixels, &[of], [0; 3]).unwrap());
        assert_eq!(found, [51, 0, 70, 51, 130, 255], "{vectors}");
    });
}

#[test]
fn a_box_is_erased_or_pasted_as_far_as_it_lies_in_the_picture() {
    let images = Tensor::zeros([2, 3, 3, 3], (Kind::Uint8, Device::Cpu));
    let erased = |erased| Retouch { erased, ..Retouch::NOTHING };
    let of = [erased([1, 0, 1, 2]), erased([2, 2, 9, 9])];
    let found = retouch(&images, &of, [1, 2, 3]).unwrap();
    assert_eq!(
        found.select(3, 2).flatten(1, 2),
        Tensor::from_slice2(&[[0u8, 0, 0, 3, 3, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 3],])
    );
    assert_eq!(bytes(&found)[9..12], [1, 2, 3]);
    let others = images.ones_like();
    let pasted = |pasted| Mix { share: 1.0, pasted };
    let of = [pasted([0, 1, 2, 1]), pasted([-4, -4, 5, 5])];
    let found = mix(&images, &others, &of).unwrap();
    assert_eq!(
        found.select(3, 0).flatten(1, 2),
        Tensor::from_slice2(&[[0u8, 1, 0, 0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0],])
    );
}

/// Some of everything, another for each `index`.
fn some(index: usize) -> Retouch {
    let at = |factor: f32| ((index + 1) as f32 * factor).sin();
    Retouch {
        to_source: [
            [1.0 + 0.4 * at(1.1), 0.3 * at(1.7), 9.0 * at(2.3)],
            [0.3 * at(2.9), -1.0 + 0.4 * at(3.1), 20.0 + 40.0 * at(0.7)],
        ],
        matrix: [[1.0, 0.2 * at(1.3), 0.1], [0.1 * at(2.1), 0.8, 0.1], [0.0, 0.3 * at(0.3), 1.1]],
        offset: [10.0 * at(0.9), -5.0, 3.0],
        of_mean: [[0.1 * at(0.2), 0.1, 0.0], [0.0; 3], [0.1, 0.0, 0.1 * at(1.9)]],
        erased: [index as i32 * 3, 2, index as i32, 5],
    }
}

#[test]
fn the_kernel_is_its_twin() {
    on_all_vectors(|vectors| {
        for (height, width) in [(1, 1), (3, 2), (31, 29), (64, 50)] {
            let images = noise(6, height, width);
            let of: Vec<Retouch> = (0..6).map(some).collect();
            let found = retouch(&images, &of, [7, 8, 9]).unwrap();
            let twin = retouch_in_steps(&images, &of, [7, 8, 9]).unwrap();
            assert_close(&found, &twin, &format!("{vectors}, {height} by {width}"));
            let mixes: Vec<Mix> = (0..6)
                .map(|index| Mix { share: index as f32 / 7.0, pasted: [index, 1, 2, index] })
                .collect();
            let found = mix(&images, &twin, &mixes).unwrap();
            let twin = mix_in_steps(&images, &twin, &mixes).unwrap();
            assert_close(&found, &twin, &format!("{vectors}, {height} by {width}, mixed"));
        }
    });
}

/// A value that lies between two bytes may be either; few do.
fn assert_close(found: &Tensor, twin: &Tensor, what: &str) {
    assert_eq!((found.size(), found.kind()), (twin.size(), twin.kind()), "{what}");
    let apart = (found.to_kind(Kind::Int) - twin.to_kind(Kind::Int)).abs();
    assert!(apart.max().int64_value(&[]) <= 1, "{what}: {}", apart.max());
    let share = apart.to_kind(Kind::Float).mean(Kind::Float).double_value(&[]);
    assert!(share < 0.005, "{what}: {share} of all bytes differ");
}

#[test]
fn numbers_that_are_none_stay_within_the_picture() {
    on_all_vectors(|_| {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e30, 1e9] {
            for place in 0..6 {
                let mut of = Retouch::NOTHING;
                of.to_source[place / 3][place % 3] = bad;
                of.matrix[0][0] = bad;
                let _ = retouch(&noise(1, 9, 21), &[of], [0; 3]).unwrap();
            }
        }
    });
}

#[test]
fn what_is_no_batch_of_pictures_is_refused() {
    let images = noise(2, 4, 4);
    let error = retouch(&images, &[Retouch::NOTHING], [0; 3]).unwrap_err().to_string();
    assert_eq!(error, "2 pictures are not 1");
    let floats = images.to_kind(Kind::Float);
    assert!(retouch(&floats, &[Retouch::NOTHING; 2], [0; 3]).is_err());
    assert!(retouch(&images.permute([0, 3, 1, 2]), &[Retouch::NOTHING; 2], [0; 3]).is_err());
    assert!(mix(&images, &noise(2, 4, 5), &[NO_MIX; 2]).is_err());
}
