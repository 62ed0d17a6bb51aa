//! Whether the right class is among the likeliest ones.

use crate::Scored;

/// The `k` that say something about `classes` classes: of 2, 3 and 5 those below.
pub fn top_k_choices(classes: usize) -> impl Iterator<Item = usize> {
    [2, 3, 5].into_iter().filter(move |&k| k < classes)
}

/// How many classes are likelier than `label` by `row`, probabilities or their
/// logarithms. Of classes that are equally likely, those that come first count
/// as likelier, as in [`crate::argmax`].
///
/// # Panics
/// When `label` is no position of `row`.
pub fn rank(row: &[f32], label: usize) -> usize {
    let likelier = |(class, value): (usize, &f32)| {
        *value > row[label] || (*value == row[label] && class < label)
    };
    row.iter().enumerate().filter(|&one| likelier(one)).count()
}

impl Scored {
    /// Pictures whose class is among the `k` likeliest; `k` = 1 is
    /// [`Scored::correct`].
    pub fn top_k(&self, k: usize) -> u64 {
        self.rows().filter(|&(row, label)| rank(row, label) < k).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::scored::tests::scored;

    #[test]
    fn counts_by_hand() {
        let scored = scored(&[
            ([0.7, 0.2, 0.1], 0), // first
            ([0.1, 0.3, 0.6], 1), // second
            ([0.5, 0.3, 0.2], 2), // third
            ([0.4, 0.4, 0.2], 1), // second: of equals the first is likelier
        ]);
        assert_eq!([1, 2, 3].map(|k| scored.top_k(k)), [1, 3, 4]);
        assert_eq!(scored.top_k(1), scored.correct());
    }
}
