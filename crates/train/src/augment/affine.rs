//! Maps of the plane that keep lines straight.

/// `(x, y)` to `(row 0 · (x, y, 1), row 1 · (x, y, 1))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine(pub [[f64; 3]; 2]);

impl Affine {
    /// Every point to itself.
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);

    /// Every point so far to the right and down.
    pub fn shift(x: f64, y: f64) -> Self {
        Self([[1.0, 0.0, x], [0.0, 1.0, y]])
    }

    /// Both distances from the corner by a factor of their own.
    pub fn scale(x: f64, y: f64) -> Self {
        Self([[x, 0.0, 0.0], [0.0, y, 0.0]])
    }

    /// `first`, then this one.
    pub fn of(self, first: Self) -> Self {
        let Self([u, v]) = first;
        let row = |[a, b, c]: [f64; 3]| {
            [a * u[0] + b * v[0], a * u[1] + b * v[1], a * u[2] + b * v[2] + c]
        };
        Self(self.0.map(row))
    }

    /// The map between numbers of pixels, whose centres lie a half further.
    pub fn of_pixels(self) -> [[f32; 3]; 2] {
        let Self(rows) = Self::shift(-0.5, -0.5).of(self).of(Self::shift(0.5, 0.5));
        rows.map(|row| row.map(|value| value as f32))
    }
}
