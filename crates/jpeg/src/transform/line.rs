//! The transform of one line, for each length that a block may get.

use super::lanes::Lanes;
use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// From eight scaled coefficients to `N` samples, in each lane.
pub(super) trait Line<const N: usize> {
    fn line<const B: usize, L: Lanes<B>>(lanes: L, input: [L::F; 8]) -> [L::F; N];
}

/// Eight samples.
pub(super) struct Whole;
/// The means of pairs.
pub(super) struct Half;
/// The means of four.
pub(super) struct Quarter;
/// The mean of all.
pub(super) struct Mean;

/// cos(π/8)
const COS_1: f32 = 0.923_879_5;
/// cos(3π/8)
const COS_3: f32 = 0.382_683_43;

impl Line<8> for Whole {
    #[inline(always)]
    fn line<const B: usize, L: Lanes<B>>(l: L, y: [L::F; 8]) -> [L::F; 8] {
        let even = even(l, [y[0], y[2], y[4], y[6]]);
        let odd = odd(l, [y[1], y[3], y[5], y[7]]);
        [
            l.add(even[0], odd[0]),
            l.add(even[1], odd[1]),
            l.add(even[2], odd[2]),
            l.add(even[3], odd[3]),
            l.sub(even[3], odd[3]),
            l.sub(even[2], odd[2]),
            l.sub(even[1], odd[1]),
            l.sub(even[0], odd[0]),
        ]
    }
}

#[inline(always)]
fn even<const B: usize, L: Lanes<B>>(l: L, [y0, y2, y4, y6]: [L::F; 4]) -> [L::F; 4] {
    let (sum04, difference04) = (l.add(y0, y4), l.sub(y0, y4));
    let sum26 = l.add(y2, y6);
    let turned26 = l.sub(l.scale(l.sub(y2, y6), SQRT_2), sum26);
    [
        l.add(sum04, sum26),
        l.add(difference04, turned26),
        l.sub(difference04, turned26),
        l.sub(sum04, sum26),
    ]
}

#[inline(always)]
fn odd<const B: usize, L: Lanes<B>>(l: L, [y1, y3, y5, y7]: [L::F; 4]) -> [L::F; 4] {
    let (sum53, difference53) = (l.add(y5, y3), l.sub(y5, y3));
    let (sum17, difference17) = (l.add(y1, y7), l.sub(y1, y7));
    let both = l.scale(l.add(difference53, difference17), 2.0 * COS_1);
    let odd0 = l.add(sum17, sum53);
    let odd1 = l.sub(l.sub(both, l.scale(difference53, 2.0 * (COS_1 + COS_3))), odd0);
    let odd2 = l.sub(l.scale(l.sub(sum17, sum53), SQRT_2), odd1);
    let odd3 = l.sub(l.sub(both, l.scale(difference17, 2.0 * (COS_1 - COS_3))), odd2);
    [odd0, odd1, odd2, odd3]
}

impl Line<4> for Half {
    #[inline(always)]
    fn line<const B: usize, L: Lanes<B>>(l: L, y: [L::F; 8]) -> [L::F; 4] {
        let (z1, z2, z3) = (l.sub(y[1], y[7]), l.sub(y[2], y[6]), l.sub(y[3], y[5]));
        let turned = l.scale(z2, FRAC_1_SQRT_2);
        let (even0, even1) = (l.add(y[0], turned), l.sub(y[0], turned));
        let odd0 = l.add(l.scale(z1, COS_1), l.scale(z3, COS_3));
        let odd1 = l.sub(l.scale(z1, COS_3), l.scale(z3, COS_1));
        [l.add(even0, odd0), l.add(even1, odd1), l.sub(even1, odd1), l.sub(even0, odd0)]
    }
}

impl Line<2> for Quarter {
    #[inline(always)]
    fn line<const B: usize, L: Lanes<B>>(l: L, y: [L::F; 8]) -> [L::F; 2] {
        let (z1, z3) = (l.sub(y[1], y[7]), l.sub(y[3], y[5]));
        let odd = l.sub(l.scale(z1, COS_1 * FRAC_1_SQRT_2), l.scale(z3, COS_3 * FRAC_1_SQRT_2));
        [l.add(y[0], odd), l.sub(y[0], odd)]
    }
}

impl Line<1> for Mean {
    #[inline(always)]
    fn line<const B: usize, L: Lanes<B>>(_: L, y: [L::F; 8]) -> [L::F; 1] {
        [y[0]]
    }
}
