//! Rows of a cache as a training wants them, whichever files they lie in.

use shoebox_cache::{CacheError, Split};

/// Some rows, in an order of their own: those of a split, or some that were
/// picked from several. Nothing is copied; a row costs 24 bytes.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// Where rows come from.
    splits: Vec<&'a Split>,
    /// The split of each row, and its place there.
    places: Vec<(&'a Split, usize)>,
    labels: Vec<i64>,
    image_size: [usize; 2],
}

impl<'a> View<'a> {
    /// All rows of `split`, whose labels it reads.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] for a label beyond the class names.
    pub fn of(split: &'a Split) -> Result<Self, CacheError> {
        let places = (0..split.len()).map(|row| (split, row)).collect();
        let labels = split.labels()?;
        Ok(Self { splits: vec![split], places, labels, image_size: split.image_size() })
    }

    /// These rows and after them those of `other`, of the same cache.
    pub fn followed_by(mut self, other: Self) -> Self {
        self.splits.extend(other.splits);
        self.places.extend(other.places);
        self.labels.extend(other.labels);
        self
    }

    /// The rows at these positions, in their order.
    ///
    /// # Panics
    /// When one is not below [`View::len`].
    pub fn pick(&self, rows: &[usize]) -> Self {
        Self {
            splits: self.splits.clone(),
            places: rows.iter().map(|&row| self.places[row]).collect(),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
            image_size: self.image_size,
        }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Height and width of each picture, in pixels.
    pub fn image_size(&self) -> [usize; 2] {
        self.image_size
    }

    /// The label of each row: a position in the class names.
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }

    /// Rows of each of `classes` classes.
    pub fn counts(&self, classes: usize) -> Vec<u64> {
        let mut counts = vec![0; classes];
        self.labels.iter().for_each(|&label| counts[label as usize] += 1);
        counts
    }

    /// The `[H,W,3]` bytes of one picture.
    ///
    /// # Panics
    /// When `row` is not below [`View::len`].
    pub fn row(&self, row: usize) -> &'a [u8] {
        let (split, row) = self.places[row];
        split.row(row)
    }

    /// As [`Split::read_by_row`], of every split that rows come from.
    pub fn read_by_row(&self) {
        self.splits.iter().for_each(|split| split.read_by_row());
    }

    /// As [`Split::prefetch`].
    ///
    /// # Panics
    /// When `row` is not below [`View::len`].
    pub fn prefetch(&self, row: usize) {
        let (split, row) = self.places[row];
        split.prefetch(row);
    }
}
