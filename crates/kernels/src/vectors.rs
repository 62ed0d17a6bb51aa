//! The vector registers that fused layers are computed with.

use std::fmt;

/// A kind of vector registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vectors {
    /// 4 lanes, as every processor has them.
    Portable = 0,
    /// 8 lanes, with fused products and sums.
    Avx2 = 1,
    /// 16 lanes.
    Avx512 = 2,
}

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    safe fn shoebox_vectors() -> i32;
    safe fn shoebox_use_vectors(vectors: i32) -> bool;
}

impl Vectors {
    /// The narrowest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// Those in use: the widest that the processor has, unless others were chosen.
    pub fn in_use() -> Self {
        Self::ALL
            .into_iter()
            .find(|&kind| kind as i32 == shoebox_vectors())
            .unwrap_or(Self::Portable)
    }

    /// Has the whole process use these from now on, for comparing. Returns
    /// whether the processor has them; if not, nothing changes.
    pub fn choose(self) -> bool {
        shoebox_use_vectors(self as i32)
    }
}

impl fmt::Display for Vectors {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        })
    }
}
