//! Draws the demo data: two classes of shoe on varied backgrounds, from a
//! seed, as a stand-in for photographs that can't be shipped.
//!
//! Owned here: the drawing, and the folder it goes to.
//! ```text
//! OUT/train/{adidas,nike}/001.jpg …    half of the pictures in either folder
//! OUT/test/{adidas,nike}/001.jpg …
//! OUT/demo.json                        the options it was drawn from
//! ```
//! The classes differ in the mark on the shoe's flank alone: three parallel
//! stripes for `adidas`, a curved swoosh-like mark for `nike`. Background,
//! shape, pose, colours and light come from the same distributions, and both
//! marks cover the same area, so that nothing but the mark's shape can be
//! learned. How hard that is to see is set in [`tuning`].
//!
//! Refused: writing over a folder that is not demo data. A set appears under
//! its name whole or not at all.

mod error;
mod folder;
mod item;
mod options;
mod picture;
mod scene;
pub mod tuning;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

pub use error::DemoError;
pub use options::{Options, Outcome, Summary};

use folder::{RECORD, Record};
use item::Item;
use shoebox_artifact::{ArtifactError, atomic::AtomicDir};
use std::path::Path;

/// Makes the demo data, or finds that it is there already.
///
/// The same options give the same bytes, whatever the number of threads.
///
/// # Errors
/// Options that no set can follow, a folder that holds something else, or a
/// disk that can't be written. The output folder is then as it was.
pub fn run(options: &Options) -> Result<Summary, DemoError> {
    options.validate()?;
    let items = Item::all(options);
    if let Some(record) = folder::inspect(options, &items)? {
        return Ok(summary(options, Outcome::UpToDate, record.bytes));
    }
    if options.out.file_name().is_none() {
        return Err(DemoError::NoName { out: options.out.clone() });
    }
    let folder = AtomicDir::create(&options.out)?;
    let bytes = items
        .par_iter()
        .map(|item| write_picture(&folder, *item, options.seed))
        .sum::<Result<u64, DemoError>>()?;
    let mut text = serde_json::to_string_pretty(&Record::new(options, bytes))
        .map_err(|error| ArtifactError::io(&options.out.join(RECORD), "write")(error.into()))?;
    text.push('\n');
    folder.write(Path::new(RECORD), text.as_bytes())?;
    folder.publish()?;
    Ok(summary(options, Outcome::Drawn, bytes))
}

/// Draws one picture into the set and returns its size in bytes.
fn write_picture(folder: &AtomicDir, item: Item, seed: u64) -> Result<u64, DemoError> {
    let jpeg = picture::jpeg(item, seed)?;
    folder.write(&item.path(), &jpeg)?;
    Ok(jpeg.len() as u64)
}

fn summary(options: &Options, outcome: Outcome, bytes: u64) -> Summary {
    let Options { out, train, test, .. } = options.clone();
    Summary { out, outcome, train, test, bytes }
}
