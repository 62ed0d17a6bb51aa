//! What reading all files has given, in the order of the scan.

use crate::{
    facts::Facts,
    identity::Identity,
    picture::{Candidate, Digest, Look, Picture},
    store::StoredRow,
};
use shoebox_artifact::records::Stamp;
use shoebox_cache::{Place, RowSums};

/// Every file, as a picture or as one that is none.
#[derive(Debug)]
pub(crate) struct Absorbed {
    /// In the order of the scan.
    pub(crate) pictures: Vec<Picture>,
    /// Where each picture's row is in the store.
    pub(crate) places: Vec<Place>,
    /// Of each picture's file.
    pub(crate) stamps: Vec<Stamp>,
    /// Files that are no pictures, in the order of the scan.
    pub(crate) refused: Vec<Refused>,
    /// Files that were decoded.
    pub(crate) decoded: u64,
    /// Of the cache that follows from the files.
    pub(crate) identity: Identity,
}

/// A file that cannot be used.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) candidate: Candidate,
    pub(crate) stamp: Stamp,
    /// Nothing when it could not even be read.
    pub(crate) digest: Option<Digest>,
    /// A fact to follow the path.
    pub(crate) fact: String,
}

/// The outcome of reading one file.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Its row is in the store.
    Stored(Digest, StoredRow),
    /// Its row was prepared and is to be written.
    Fresh(Digest, Facts, Option<Look>, RowSums),
    /// There is no row.
    Refused(Option<Digest>, String),
}

impl Absorbed {
    /// Nothing yet, of about `count` files.
    pub(crate) fn new(identity: Identity, count: usize) -> Self {
        Self {
            pictures: Vec::with_capacity(count),
            places: Vec::with_capacity(count),
            stamps: Vec::with_capacity(count),
            refused: Vec::new(),
            decoded: 0,
            identity,
        }
    }

    /// Adds the next file; `place` is where a fresh row was written.
    pub(crate) fn add(
        &mut self,
        candidate: Candidate,
        stamp: Stamp,
        outcome: Outcome,
        place: Option<Place>,
    ) {
        let (digest, facts, look, place) = match (outcome, place) {
            (Outcome::Stored(digest, row), _) => (digest, row.facts, row.look, row.place),
            (Outcome::Fresh(digest, facts, look, _), Some(place)) => {
                self.decoded += 1;
                (digest, facts, look, place)
            }
            (Outcome::Fresh(..), None) => unreachable!("every fresh row was written"),
            (Outcome::Refused(digest, fact), _) => {
                self.identity.add_file(&candidate, digest.as_ref());
                return self.refused.push(Refused { candidate, stamp, digest, fact });
            }
        };
        self.identity.add_file(&candidate, Some(&digest));
        self.pictures.push(Picture { candidate, digest, facts, look });
        self.places.push(place);
        self.stamps.push(stamp);
    }
}

impl Outcome {
    /// Whether there is a row to be written.
    pub(crate) fn is_fresh(&self) -> bool {
        matches!(self, Self::Fresh(..))
    }
}
