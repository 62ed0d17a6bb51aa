//! How small a component is decoded.

/// How many samples become of eight, along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    One,
    Two,
    Four,
    Eight,
}

impl Side {
    /// Samples along this axis of a block: 1, 2, 4 or 8.
    pub(crate) fn eighths(self) -> usize {
        1 << self as usize
    }
}

/// The sides of a block `[vertical, horizontal]`, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale(pub(crate) [Side; 2]);

impl Scale {
    /// The smallest at which a component with these `factors` has at least the
    /// `wanted` samples along each axis; full size where none has.
    pub(crate) fn choose(
        size: [usize; 2],
        factors: [usize; 2],
        largest: [usize; 2],
        wanted: [u32; 2],
    ) -> Self {
        Self([0, 1].map(|axis| {
            let enough = |side: &Side| {
                let eighths = size[axis] * factors[axis] * side.eighths();
                eighths >= wanted[axis] as usize * 8 * largest[axis]
            };
            [Side::One, Side::Two, Side::Four].into_iter().find(enough).unwrap_or(Side::Eight)
        }))
    }

    /// Whether a block becomes a single sample, its mean.
    pub(crate) fn is_mean(self) -> bool {
        self.0 == [Side::One; 2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_axis_takes_the_smallest_that_suffices() {
        let choose = |wanted| Scale::choose([320, 480], [1, 1], [1, 1], wanted).0;
        assert_eq!(choose([320, 240]), [Side::Eight, Side::Four]);
        assert_eq!(choose([321, 241]), [Side::Eight, Side::Eight]);
        assert_eq!(choose([40, 120]), [Side::One, Side::Two]);
        assert_eq!(choose([0, 1]), [Side::One, Side::One]);
    }

    #[test]
    fn subsampled_components_are_scaled_less() {
        let chroma = Scale::choose([320, 480], [1, 1], [2, 2], [160, 120]);
        assert_eq!(chroma.0, [Side::Eight, Side::Four]);
    }
}
