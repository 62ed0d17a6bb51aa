//! Which pictures a set consists of, and where each one's random numbers come
//! from.

use std::path::PathBuf;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Options;

/// The two halves of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    Train,
    Test,
}

/// The two classes of shoe. They differ in the mark on the flank alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Three parallel stripes.
    Stripes,
    /// One curved swoosh-like mark.
    Swoosh,
}

impl Split {
    pub(crate) const ALL: [Self; 2] = [Self::Train, Self::Test];

    /// The folder's name.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

impl Class {
    pub(crate) const ALL: [Self; 2] = [Self::Stripes, Self::Swoosh];

    /// The folder's name, and so the label.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Stripes => "adidas",
            Self::Swoosh => "nike",
        }
    }
}

/// One picture of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) split: Split,
    pub(crate) class: Class,
    /// Counts from 1 within a split's class.
    pub(crate) index: u64,
}

/// A picture's independent streams of random numbers. The mark has its own, so
/// that its shape, which differs by class, can't shift what else is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Scene = 0,
    Mark = 1,
    Lens = 2,
}

impl Item {
    /// Every picture of a set, in the order of its folders.
    pub(crate) fn all(options: &Options) -> Vec<Self> {
        let mut items = Vec::with_capacity(options.train + options.test);
        for split in Split::ALL {
            let count = match split {
                Split::Train => options.train,
                Split::Test => options.test,
            };
            for class in Class::ALL {
                items.extend((1..=count as u64 / 2).map(|index| Self { split, class, index }));
            }
        }
        items
    }

    /// The picture's path inside the output folder, such as
    /// `train/adidas/007.jpg`.
    pub(crate) fn path(self) -> PathBuf {
        PathBuf::from(self.split.folder())
            .join(self.class.folder())
            .join(format!("{:03}.jpg", self.index))
    }

    /// The picture's own numbers, which depend on nothing but the set's seed
    /// and the picture's place in it: not on the thread, not on how many other
    /// pictures there are.
    pub(crate) fn rng(self, seed: u64, stream: Stream) -> ChaCha8Rng {
        let mut key = *b"________________..shoebox-demo..";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&self.index.to_le_bytes());
        key[16] = self.split as u8;
        key[17] = self.class as u8;
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream as u64);
        rng
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_as_many_pictures_of_either_class() {
        let items = Item::all(&Options { train: 10, test: 4, ..Options::default() });
        let count =
            |split, class| items.iter().filter(|i| (i.split, i.class) == (split, class)).count();
        assert_eq!(items.len(), 14);
        for class in Class::ALL {
            assert_eq!(count(Split::Train, class), 5);
            assert_eq!(count(Split::Test, class), 2);
        }
    }

    #[test]
    fn no_two_pictures_share_a_stream() {
        use rand::Rng;
        let items = Item::all(&Options { train: 20, test: 20, ..Options::default() });
        let mut firsts: Vec<u64> = items
            .iter()
            .flat_map(|item| {
                [Stream::Scene, Stream::Mark, Stream::Lens].map(|s| item.rng(1, s).random())
            })
            .collect();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), 120);
    }
}
