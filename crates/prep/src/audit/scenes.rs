//! Pictures for tests: discs on washes, in rows of 64×64 pixels.

use super::{groups::Groups, look};
use crate::{
    facts::{Facts, Format, Notes},
    picture::{Candidate, Digest, Part, Picture},
};
use std::convert::Infallible;

pub const SIZE: [u32; 2] = [64, 64];

/// What a row shows. Two scenes of another `motif` have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    pub motif: u32,
    /// Pixels to the right.
    pub shift: i32,
    /// Added to every tone.
    pub light: i32,
}

pub fn scene(motif: u32) -> Scene {
    Scene { motif, shift: 0, light: 0 }
}

/// Bits that depend on every bit of both numbers (Wellons' `lowbias32`).
fn mix(motif: u32, place: u32) -> u32 {
    let mut x = motif.wrapping_mul(0x9E37_79B9).wrapping_add(place);
    x = (x ^ (x >> 16)).wrapping_mul(0x21F0_AAAD);
    x = (x ^ (x >> 15)).wrapping_mul(0xD35A_2D97);
    x ^ (x >> 15)
}

impl Scene {
    /// Six discs of different sizes and tones; motif 0 is one flat colour.
    pub fn row(self) -> Vec<u8> {
        let disc = |number: u32| {
            let part = |place: u32| mix(self.motif, number * 4 + place) % 64;
            (
                part(0) as i32 + self.shift,
                part(1) as i32,
                8 + part(2) as i32 / 4,
                3 * part(3) as i32,
            )
        };
        let discs: Vec<_> = (0..6).filter(|_| self.motif > 0).map(disc).collect();
        let tone = |x: i32, y: i32| {
            let inside = |&&(u, v, radius, _): &&(i32, i32, i32, i32)| {
                (x - u).pow(2) + (y - v).pow(2) < radius * radius
            };
            (discs.iter().find(inside).map_or(220, |disc| disc.3) + self.light) as u8
        };
        (0..64)
            .flat_map(|y| (0..64).flat_map(move |x| [(x, y); 1]))
            .flat_map(|(x, y)| [tone(x, y); 3])
            .collect()
    }
}

/// A training picture of this scene with the label 0; the digest is that of
/// the row.
pub fn picture(path: &str, scene: Scene) -> Picture {
    let row = scene.row();
    Picture {
        candidate: Candidate { path: path.to_owned(), label: 0, part: Part::Train },
        digest: Digest(*blake3::hash(&row).as_bytes()),
        facts: Facts { width: 64, height: 64, format: Format::Jpeg, notes: Notes::default() },
        look: Some(look(&row, SIZE)),
    }
}

/// The groups of these pictures, given the scene of each.
pub fn groups_of(pictures: &[Picture], scenes: &[Scene], near_duplicates: u32) -> Groups {
    let read = |index: usize, row: &mut [u8]| {
        row.copy_from_slice(&scenes[index].row());
        Ok::<(), Infallible>(())
    };
    let Ok(groups) = super::groups(pictures, SIZE, near_duplicates, read);
    groups
}
