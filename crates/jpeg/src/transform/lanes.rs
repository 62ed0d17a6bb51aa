//! Eight numbers at once: the few operations that the transform needs.

/// A way to compute with eight `f32` of each of `B` blocks at once. All ways
/// give the same bits.
pub(crate) trait Lanes<const B: usize = 1>: Copy {
    /// Eight numbers of each block.
    type F: Copy;

    /// Eight coefficients of each block, each times its multiplier.
    fn load(self, coefficients: [&[i16; 8]; B], multipliers: [&[f32; 8]; B]) -> Self::F;
    fn zero(self) -> Self::F;
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    fn scale(self, a: Self::F, factor: f32) -> Self::F;
    /// Lane `j` of row `i` to lane `i` of row `j`, in each block.
    fn transpose(self, rows: [Self::F; 8]) -> [Self::F; 8];
    /// Each number around 0 to the nearest byte around 128, halves to even.
    fn to_bytes(self, rows: [Self::F; 4]) -> [[[u8; 8]; 4]; B];
}

/// Arrays, for processors without a way of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrays;

impl Lanes for Arrays {
    type F = [f32; 8];

    #[inline(always)]
    fn load(self, [coefficients]: [&[i16; 8]; 1], [multipliers]: [&[f32; 8]; 1]) -> [f32; 8] {
        std::array::from_fn(|lane| f32::from(coefficients[lane]) * multipliers[lane])
    }

    #[inline(always)]
    fn zero(self) -> [f32; 8] {
        [0.0; 8]
    }

    #[inline(always)]
    fn add(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn sub(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|lane| a[lane] - b[lane])
    }

    #[inline(always)]
    fn scale(self, a: [f32; 8], factor: f32) -> [f32; 8] {
        a.map(|number| number * factor)
    }

    #[inline(always)]
    fn transpose(self, rows: [[f32; 8]; 8]) -> [[f32; 8]; 8] {
        std::array::from_fn(|j| std::array::from_fn(|i| rows[i][j]))
    }

    #[inline(always)]
    fn to_bytes(self, rows: [[f32; 8]; 4]) -> [[[u8; 8]; 4]; 1] {
        [rows.map(|row| row.map(to_byte))]
    }
}

/// In a number this large the lowest bits of the mantissa are the ones, so the
/// addition rounds.
#[inline(always)]
fn to_byte(number: f32) -> u8 {
    let number = if number > -128.0 { number } else { -128.0 };
    let number = if number < 127.0 { number } else { 127.0 };
    (number + (8_388_608.0 + 128.0)).to_bits() as u8
}
