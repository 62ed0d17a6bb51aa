//! Pictures from the cache, as the network saw them.

use crate::ReportError;
use image::{
    ExtendedColorType, ImageEncoder, ImageFormat, ImageReader, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops,
};
use shoebox_artifact::{
    ArtifactError, Artifacts,
    records::{Audit, Manifest, read_json, samples},
};
use shoebox_cache::{CacheError, TensorCache};
use shoebox_chart::data_uri;
use std::{
    collections::HashMap,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

/// The longest side of a thumbnail, in pixels: sharp at half that many CSS pixels.
const THUMBNAIL_SIDE: u32 = 320;
/// Up to this side pictures are kept as PNG, where JPEG would show blocks.
const LOSSLESS_SIDE: u32 = 64;
const JPEG_QUALITY: u8 = 85;

/// A picture that goes into the page itself.
#[derive(Debug, Clone)]
pub struct Inline {
    /// A `data:` URI.
    pub uri: String,
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
}

/// The cache of a run, or the reason why its pictures are not at hand.
#[derive(Debug, Default)]
pub struct Pictures {
    open: Option<OpenCache>,
    audit: Option<Audit>,
    absence: Option<String>,
}

#[derive(Debug)]
struct OpenCache {
    cache: TensorCache,
    /// From (split, path) to the row in the split's tensors.
    rows: HashMap<(String, String), usize>,
    /// From path to the content's digest.
    digests: HashMap<String, String>,
}

impl Pictures {
    /// Opens the cache that has `fingerprint`.
    pub fn open(artifacts: &Artifacts, fingerprint: &str) -> Self {
        let folder = artifacts.cache(fingerprint);
        if !folder.is_dir() {
            let reason = format!(
                "{}: there is no such cache (if it is elsewhere, pass its artifacts folder with --artifacts; otherwise run `prep` again)",
                folder.display()
            );
            return Self { absence: Some(reason), ..Self::default() };
        }
        let audit = read_audit(&folder);
        match OpenCache::open(&folder).and_then(|open| Ok((open, audit?))) {
            Ok((open, audit)) => Self { open: Some(open), audit, absence: None },
            Err(error) => Self { absence: Some(error.to_string()), ..Self::default() },
        }
    }

    /// Why there are no pictures.
    pub fn absence(&self) -> Option<&str> {
        self.absence.as_deref()
    }

    /// What the cache holds and how it was made.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.open.as_ref().map(|open| open.cache.manifest())
    }

    /// What was noticed about the pictures, where the cache tells.
    pub fn audit(&self) -> Option<&Audit> {
        self.audit.as_ref()
    }

    /// The picture at `path` of `split`, no side longer than 320 pixels;
    /// nothing where the cache does not have it.
    ///
    /// # Errors
    /// [`ReportError::Encode`] when it cannot be compressed.
    pub fn thumbnail(&self, split: &str, path: &str) -> Result<Option<Inline>, ReportError> {
        let picture = self.open.as_ref().and_then(|open| open.picture(split, path));
        picture.map(|picture| inline(&shrink(picture, THUMBNAIL_SIDE), path)).transpose()
    }

    /// The picture at `path` of whichever split has it, no side longer than
    /// 320 pixels.
    ///
    /// # Errors
    /// [`ReportError::Encode`] when it cannot be compressed.
    pub fn find_thumbnail(&self, path: &str) -> Result<Option<Inline>, ReportError> {
        self.find(path, THUMBNAIL_SIDE)
    }

    /// The picture at `path` of whichever split has it, no side longer than
    /// `side` pixels.
    ///
    /// # Errors
    /// [`ReportError::Encode`] when it cannot be compressed.
    pub fn find(&self, path: &str, side: u32) -> Result<Option<Inline>, ReportError> {
        let picture = self.open.as_ref().and_then(|open| {
            let mut splits = open.cache.manifest().splits.keys();
            splits.find_map(|split| open.picture(split, path))
        });
        picture.map(|picture| inline(&shrink(picture, side), path)).transpose()
    }

    /// The digest of the file at `path`, where the cache has it.
    pub fn digest(&self, path: &str) -> Option<&str> {
        self.open.as_ref()?.digests.get(path).map(String::as_str)
    }

    /// The contact sheet that `prep` drew, where there is one that can be shown.
    pub fn contact_sheet(&self) -> Option<Inline> {
        let path = self.open.as_ref()?.cache.folder().join(Manifest::SHEET_FILE);
        let bytes = fs::read(path).ok()?;
        let reader = ImageReader::with_format(Cursor::new(&bytes), ImageFormat::Png);
        let (width, height) = reader.into_dimensions().ok()?;
        Some(Inline { uri: data_uri("image/png", &bytes), width, height })
    }
}

impl OpenCache {
    fn open(folder: &Path) -> Result<Self, CacheError> {
        let cache = TensorCache::open(folder)?;
        let (mut rows, mut digests) = (HashMap::new(), HashMap::new());
        for sample in samples(&folder.join(Manifest::SAMPLES_FILE))? {
            let sample = sample?;
            let row = usize::try_from(sample.row).unwrap_or(usize::MAX);
            digests.insert(sample.path.clone(), sample.digest);
            rows.insert((sample.split, sample.path), row);
        }
        Ok(Self { cache, rows, digests })
    }

    fn picture(&self, split: &str, path: &str) -> Option<RgbImage> {
        let row = *self.rows.get(&(split.to_owned(), path.to_owned()))?;
        let split = self.cache.split(split).filter(|split| row < split.len())?;
        let [height, width] = self.cache.manifest().image_size;
        RgbImage::from_raw(width, height, split.row(row).to_vec())
    }
}

fn read_audit(folder: &Path) -> Result<Option<Audit>, ArtifactError> {
    let path = folder.join(Manifest::AUDIT_FILE);
    path.is_file().then(|| read_json(&path, "run `prep` again")).transpose()
}

fn shrink(picture: RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return picture;
    }
    let scaled = |length: u32| (length * side / longest).max(1);
    imageops::thumbnail(&picture, scaled(width), scaled(height))
}

fn inline(picture: &RgbImage, path: &str) -> Result<Inline, ReportError> {
    let (width, height) = picture.dimensions();
    let uri = compress(picture)
        .map_err(|source| ReportError::Encode { path: PathBuf::from(path), source })?;
    Ok(Inline { uri, width, height })
}

fn compress(picture: &RgbImage) -> Result<String, image::ImageError> {
    let (width, height) = picture.dimensions();
    let (pixels, colour) = (picture.as_raw(), ExtendedColorType::Rgb8);
    let mut bytes = Vec::new();
    if width.max(height) <= LOSSLESS_SIDE {
        PngEncoder::new(&mut bytes).write_image(pixels, width, height, colour)?;
        return Ok(data_uri("image/png", &bytes));
    }
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .write_image(pixels, width, height, colour)?;
    Ok(data_uri("image/jpeg", &bytes))
}

#[cfg(test)]
mod tests {
    use super::{compress, shrink};
    use image::RgbImage;

    #[test]
    fn large_pictures_shrink_and_small_ones_stay() {
        assert_eq!(shrink(RgbImage::new(640, 320), 320).dimensions(), (320, 160));
        assert_eq!(shrink(RgbImage::new(4096, 1), 320).dimensions(), (320, 1));
        assert_eq!(shrink(RgbImage::new(28, 28), 320).dimensions(), (28, 28));
    }

    #[test]
    fn small_pictures_lose_nothing() {
        assert!(compress(&RgbImage::new(28, 28)).unwrap().starts_with("data:image/png"));
        assert!(compress(&RgbImage::new(224, 224)).unwrap().starts_with("data:image/jpeg"));
    }
}
