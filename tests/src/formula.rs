//! Weights and pictures that follow from their names, so that a fixture need
//! not hold them; `benches/backbone_reference.py` computes the same.

use tch::{Kind, Tensor};

/// `count` numbers from 0 up to 1 that follow from `name`: its FNV-1a hash
/// plus the position, mixed as `MurmurHash3` ends, over 2³².
fn hashed(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let seed = name
        .bytes()
        .fold(0x811C_9DC5_u32, |seed, byte| (seed ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (0..count as u32).map(move |position| {
        let mut mixed = position.wrapping_add(seed);
        mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85EB_CA6B);
        mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xC2B2_AE35);
        f64::from(mixed ^ (mixed >> 16)) / 4_294_967_296.0
    })
}

/// The weight of this name and shape, f32: matrices and kernels keep the size
/// of what passes through, batch norms are far from doing nothing.
pub fn formula_tensor(name: &str, shape: &[i64]) -> Tensor {
    let count = shape.iter().product::<i64>() as usize;
    let fan_in: i64 = shape[1..].iter().product();
    let limit = (6.0 / fan_in as f64).sqrt();
    let value = |number: f64| match shape.len() {
        _ if name.ends_with("running_var") => 0.5 + number,
        2.. => (2.0 * number - 1.0) * limit,
        _ if name.ends_with("weight") => 0.75 + 0.5 * number,
        _ => 0.4 * number - 0.2,
    };
    let values: Vec<f32> = hashed(name, count).map(|number| value(number) as f32).collect();
    Tensor::from_slice(&values).view(shape)
}

/// Bytes `[count, height, width, 3]` in squares of 8 pixels.
pub fn formula_pictures(count: usize, height: usize, width: usize) -> Tensor {
    let (rows, columns) = (height.div_ceil(8), width.div_ceil(8));
    let numbers = hashed("pictures", count * rows * columns * 3);
    let bytes: Vec<u8> = numbers.map(|number| (number * 256.0) as u8).collect();
    let shape = [count, rows, columns, 3].map(|side| side as i64);
    let squares = Tensor::from_slice(&bytes).view(shape);
    let large =
        squares.repeat_interleave_self_int(8, 1, None).repeat_interleave_self_int(8, 2, None);
    large.narrow(1, 0, height as i64).narrow(2, 0, width as i64).contiguous().to_kind(Kind::Uint8)
}
