//! Maps of colours that are linear, so that any number of them is one.

/// What of a colour's brightness is red, green and blue (ITU-R BT.601).
pub(super) const GREY: [f64; 3] = [0.299, 0.587, 0.114];

/// Channels (0–255) to `matrix · channels + offset + of_mean · mean`, with the
/// mean of each channel over the picture as it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Colour {
    pub matrix: [[f64; 3]; 3],
    pub offset: [f64; 3],
    pub of_mean: [[f64; 3]; 3],
}

impl Colour {
    /// Every colour to itself.
    pub const IDENTITY: Self = Self {
        matrix: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        offset: [0.0; 3],
        of_mean: [[0.0; 3]; 3],
    };

    /// Has every colour go through `matrix` next.
    pub fn through(&mut self, matrix: [[f64; 3]; 3]) {
        *self = Self {
            matrix: product(matrix, self.matrix),
            offset: matrix.map(|row| dot(row, self.offset)),
            of_mean: product(matrix, self.of_mean),
        };
    }

    /// Has every colour go from the picture's mean grey as it is then by a
    /// `factor` of its distance.
    pub fn away_from_mean_grey(&mut self, factor: f64) {
        // What the mean grey is of the first mean, and beyond that.
        let of_mean = product([GREY; 3], sum(self.matrix, self.of_mean));
        let beyond = dot(GREY, self.offset);
        self.through(scaled(factor));
        self.offset = self.offset.map(|value| value + (1.0 - factor) * beyond);
        self.of_mean = sum(self.of_mean, product(scaled(1.0 - factor), of_mean));
    }
}

/// The matrix that multiplies each channel by `factor`.
pub(super) fn scaled(factor: f64) -> [[f64; 3]; 3] {
    Colour::IDENTITY.matrix.map(|row| row.map(|value| value * factor))
}

/// Of each two cells.
pub(super) fn sum(a: [[f64; 3]; 3], b: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| a[row][column] + b[row][column]))
}

fn product(a: [[f64; 3]; 3], b: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    a.map(|row| [0, 1, 2].map(|column| dot(row, b.map(|row| row[column]))))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
