//! Pictures that are the same or alike, as groups.
//!
//! Two pictures are alike when their hashes are close and their pixels agree
//! (see [`super::alike`]). Alike pictures are in one group, and so are those
//! that a third one links: a division that keeps groups together must not
//! tear a pair apart. Such chains could wander from picture to picture until
//! everything is one group, so a link only counts when the first pictures of
//! the two groups are of a kin: they differ by at most [`KIN`], some times what
//! alike pictures differ by. A film that pans becomes several groups, an
//! original with its copies stays one.
//!
//! Paths decide what is first, so neither the order of the pictures nor that
//! of the threads shows in the result.

use super::{
    alike::{Detail, KIN, SAME},
    nearest::HashIndex,
    sets::Sets,
};
use crate::picture::Picture;
use rayon::prelude::*;

/// A picture is compared by its pixels with at most this many others, those
/// with the closest hashes first: enough for every group met so far, and a
/// bound for data in which everything has nearly the same hash.
const MOST_COMPARED: usize = 16;

/// Of so many neighbours it is looked up whether their groups are compared
/// already.
const MOST_LOOKED_UP: usize = 1024;

/// Pictures that are compared side by side, before groups are joined. A fixed
/// number, so that the result does not depend on the threads.
const BATCH: usize = 64;

/// Which pictures belong together.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Groups {
    groups: Vec<Vec<u32>>,
}

impl Groups {
    /// The groups of two or more pictures: positions in the slice that was
    /// given, in the order of the pictures' paths. Groups are in the order of
    /// their first members' paths.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.groups.iter().map(Vec::as_slice)
    }
}

/// Groups the pictures, which all have rows of `image_size` (height, width,
/// in pixels). `near_duplicates` is how many of the 64 bits of two hashes may
/// differ; `read_row` fills its second argument with the row of the picture at
/// a position. Blank pictures, and those that nobody looked at, are only
/// grouped with files of the same content.
///
/// # Errors
/// What `read_row` says.
pub(crate) fn groups<E: Send>(
    pictures: &[Picture],
    image_size: [u32; 2],
    near_duplicates: u32,
    read_row: impl Fn(usize, &mut [u8]) -> Result<(), E> + Sync,
) -> Result<Groups, E> {
    let order = path_order(pictures);
    let mut sets = Sets::new(pictures.len());
    let unlike = join_same(pictures, &order, &mut sets);
    let comparison = Comparison { order: &order, image_size, read_row };
    comparison.join_alike(pictures, &unlike, near_duplicates, &mut sets)?;
    Ok(Groups { groups: collect(&order, sets) })
}

/// Positions of the pictures, sorted by path. From here on a picture goes by
/// its rank, its place in this order.
fn path_order(pictures: &[Picture]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..pictures.len() as u32).collect();
    order.sort_by_key(|&position| {
        let file = &pictures[position as usize].candidate;
        (file.path.as_str(), file.part, file.label)
    });
    order
}

/// Joins files of the same content; gives the first rank of each content,
/// ascending.
fn join_same(pictures: &[Picture], order: &[u32], sets: &mut Sets) -> Vec<u32> {
    let digest = |rank: u32| &pictures[order[rank as usize] as usize].digest;
    let mut ranks: Vec<u32> = (0..order.len() as u32).collect();
    ranks.sort_unstable_by_key(|&rank| (digest(rank), rank));
    let mut firsts = Vec::new();
    for same in ranks.chunk_by(|&a, &b| digest(a) == digest(b)) {
        firsts.push(same[0]);
        same[1..].iter().for_each(|&rank| sets.join(same[0], rank));
    }
    firsts.sort_unstable();
    firsts
}

fn collect(order: &[u32], mut sets: Sets) -> Vec<Vec<u32>> {
    sets.flatten();
    let mut ranks: Vec<u32> = (0..order.len() as u32).collect();
    ranks.sort_by_key(|&rank| (sets.first(rank), rank));
    let groups = ranks.chunk_by(|&a, &b| sets.first(a) == sets.first(b));
    let members = |group: &[u32]| group.iter().map(|&rank| order[rank as usize]).collect();
    groups.filter(|group| group.len() > 1).map(members).collect()
}

/// What it takes to compare pictures by their pixels.
struct Comparison<'a, R> {
    order: &'a [u32],
    image_size: [u32; 2],
    read_row: R,
}

impl<E: Send, R: Fn(usize, &mut [u8]) -> Result<(), E> + Sync> Comparison<'_, R> {
    /// Joins the pictures that are alike, of which `ranks` is ascending.
    fn join_alike(
        &self,
        pictures: &[Picture],
        ranks: &[u32],
        distance: u32,
        sets: &mut Sets,
    ) -> Result<(), E> {
        let look = |rank: u32| pictures[self.order[rank as usize] as usize].look;
        let seen = ranks.iter().filter_map(|&rank| Some((rank, look(rank)?)));
        let seen: Vec<(u64, u32)> =
            seen.filter(|(_, look)| !look.blank).map(|(rank, look)| (look.phash, rank)).collect();
        let neighbours = Neighbours::new(&seen);
        let hashes = neighbours.hashes();
        let index = HashIndex::new(&hashes, distance);
        let mut kept = Kept::default();
        for batch in seen.chunks(BATCH) {
            let links = batch.par_iter().map_init(
                || (Vec::new(), Vec::new()),
                |(near, row), &picture| {
                    index.search(picture.0, near);
                    self.links(picture.1, neighbours.before(picture.1, near), sets, row)
                },
            );
            let links: Vec<_> = links.collect::<Result<_, E>>()?;
            for (&(_, rank), links) in batch.iter().zip(links) {
                links.into_iter().try_for_each(|other| self.join(rank, other, sets, &mut kept))?;
            }
        }
        Ok(())
    }

    /// Those of `others` that are alike `rank`, one of each group there is.
    fn links(
        &self,
        rank: u32,
        others: impl Iterator<Item = u32>,
        sets: &Sets,
        row: &mut Vec<u8>,
    ) -> Result<Vec<u32>, E> {
        let (mut mine, mut groups, mut links) = (None, Vec::new(), Vec::new());
        let mut compared = 0;
        for other in others.take(MOST_LOOKED_UP) {
            let group = sets.first(other);
            if groups.contains(&group) {
                continue;
            }
            let detail = match &mut mine {
                Some(detail) => detail,
                none => none.insert(self.detail(rank, row)?),
            };
            if detail.difference(&self.detail(other, row)?) <= SAME {
                links.push(other);
                groups.push(group);
            }
            compared += 1;
            if compared == MOST_COMPARED {
                break;
            }
        }
        Ok(links)
    }

    /// Joins the groups of two alike pictures when their first members are of
    /// a kin.
    fn join(&self, rank: u32, other: u32, sets: &mut Sets, kept: &mut Kept) -> Result<(), E> {
        let (mine, theirs) = (sets.first(rank), sets.first(other));
        if mine == theirs {
            return Ok(());
        }
        let are_firsts = (mine, theirs) == (rank, other);
        if are_firsts || self.are_kin(mine, theirs, kept)? {
            sets.join(mine, theirs);
        }
        Ok(())
    }

    fn are_kin(&self, mine: u32, theirs: u32, kept: &mut Kept) -> Result<bool, E> {
        let detail = self.detail(mine, &mut kept.row)?;
        // Many pictures in turn are compared with the first one of a large group.
        if kept.first.as_ref().is_none_or(|(rank, _)| *rank != theirs) {
            kept.first = Some((theirs, self.detail(theirs, &mut kept.row)?));
        }
        Ok(kept.first.as_ref().is_some_and(|(_, first)| first.difference(&detail) <= KIN))
    }

    fn detail(&self, rank: u32, row: &mut Vec<u8>) -> Result<Detail, E> {
        let [height, width] = self.image_size.map(|side| side as usize);
        row.resize(height * width * 3, 0);
        (self.read_row)(self.order[rank as usize] as usize, row)?;
        Ok(Detail::new(row, self.image_size))
    }
}

/// What the last comparison of first pictures leaves for the next.
#[derive(Debug, Default)]
struct Kept {
    row: Vec<u8>,
    first: Option<(u32, Detail)>,
}

/// Pictures by their hashes, equal hashes side by side.
#[derive(Debug)]
struct Neighbours {
    /// Hash and rank, sorted.
    pictures: Vec<(u64, u32)>,
    /// Where each different hash starts, and where the last one ends.
    starts: Vec<u32>,
}

impl Neighbours {
    fn new(pictures: &[(u64, u32)]) -> Self {
        let mut pictures = pictures.to_vec();
        pictures.sort_unstable();
        let mut starts = vec![0];
        for same in pictures.chunk_by(|a, b| a.0 == b.0) {
            starts.push(starts[starts.len() - 1] + same.len() as u32);
        }
        Self { pictures, starts }
    }

    /// Every different hash, in order.
    fn hashes(&self) -> Vec<u64> {
        let starts = &self.starts[..self.starts.len() - 1];
        starts.iter().map(|&start| self.pictures[start as usize].0).collect()
    }

    /// The ranks below `rank` that have the hashes of `near`, a search's
    /// outcome in its order, by rank within one hash.
    fn before(&self, rank: u32, near: &[(u32, u32)]) -> impl Iterator<Item = u32> {
        let same = |&(_, hash): &(u32, u32)| {
            let range = self.starts[hash as usize]..self.starts[hash as usize + 1];
            &self.pictures[range.start as usize..range.end as usize]
        };
        let ranks = near.iter().flat_map(move |found| same(found).iter().map(|other| other.1));
        ranks.filter(move |&other| other < rank)
    }
}
