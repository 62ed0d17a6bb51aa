//! The misclassified images with their thumbnails.

use crate::{
    ReportError,
    inputs::Inputs,
    pictures::Inline,
    report::{Mistake, SplitReport},
};

/// How many misclassified images of a split the page shows.
pub const MAX_SHOWN: usize = 60;

/// The mistakes of one split that the page shows.
#[derive(Debug)]
pub struct Gallery<'a> {
    /// The most confident first, each with its picture where the cache has it.
    pub shown: Vec<(&'a Mistake, Option<Inline>)>,
    /// How many more there are.
    pub more: usize,
}

impl<'a> Gallery<'a> {
    /// Fetches the pictures of the most confident mistakes of `split`.
    ///
    /// # Errors
    /// [`ReportError::Encode`].
    pub fn new(split: &'a SplitReport, inputs: &Inputs) -> Result<Self, ReportError> {
        let fetch = |mistake: &'a Mistake| {
            // In a fold's run, val's pictures lie in any split of the cache.
            let picture = match inputs.record.campaign.as_ref() {
                Some(part) if !part.has_splits_of_cache() => {
                    inputs.pictures.find_thumbnail(&mistake.path)?
                }
                _ => inputs.pictures.thumbnail(&split.split, &mistake.path)?,
            };
            Ok((mistake, picture))
        };
        let shown = split.misclassified.iter().take(MAX_SHOWN).map(fetch);
        Ok(Self {
            shown: shown.collect::<Result<_, ReportError>>()?,
            more: split.misclassified.len().saturating_sub(MAX_SHOWN),
        })
    }
}
