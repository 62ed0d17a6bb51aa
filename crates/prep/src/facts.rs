//! What is known about a picture besides its pixels.

use std::fmt;

/// What a file's content is, whatever its extension says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG, baseline or progressive.
    Jpeg,
    /// PNG.
    Png,
    /// WebP, lossy or lossless.
    WebP,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF.
    Tiff,
}

impl Format {
    /// Every format that is read.
    pub const ALL: [Self; 6] =
        [Self::Jpeg, Self::Png, Self::WebP, Self::Gif, Self::Bmp, Self::Tiff];

    /// The word that records use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Tiff => "tiff",
        }
    }

    /// The name that people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
        }
    }

    /// The extensions that promise this content, in lower case.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::WebP => &["webp"],
            Self::Gif => &["gif"],
            Self::Bmp => &["bmp"],
            Self::Tiff => &["tif", "tiff"],
        }
    }

    /// The format that records call `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// What was done to a picture on its way to 8-bit RGB: a set of words.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Notes(u16);

impl Notes {
    /// Turned or mirrored as its EXIF data asks.
    pub const ROTATED: Self = Self(1);
    /// Part of the file was missing or damaged, and is filled in.
    pub const REPAIRED: Self = Self(1 << 1);
    /// Inks became light.
    pub const CMYK: Self = Self(1 << 2);
    /// One channel became three equal ones.
    pub const GREY: Self = Self(1 << 3);
    /// Transparency was dropped.
    pub const ALPHA: Self = Self(1 << 4);
    /// More than 8 bits a channel were rounded.
    pub const DEEP: Self = Self(1 << 5);
    /// Only the first of several pictures in the file is used.
    pub const FIRST_FRAME: Self = Self(1 << 6);

    const WORDS: [(Self, &str); 7] = [
        (Self::ROTATED, "rotated"),
        (Self::REPAIRED, "repaired"),
        (Self::CMYK, "cmyk"),
        (Self::GREY, "grey"),
        (Self::ALPHA, "alpha"),
        (Self::DEEP, "deep"),
        (Self::FIRST_FRAME, "first_frame"),
    ];

    /// Whether every note of `other` is among these.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those of `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The notes that words with spaces between them name; `None` when one is
    /// no such word.
    pub fn from_words(words: &str) -> Option<Self> {
        words.split_whitespace().try_fold(Self::default(), |notes, word| {
            let (note, _) = Self::WORDS.iter().find(|(_, known)| *known == word)?;
            Some(notes.with(*note))
        })
    }
}

/// The words, with spaces between them, in a fixed order.
impl fmt::Display for Notes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Self::WORDS.iter().filter(|(note, _)| self.has(*note)).map(|(_, word)| *word);
        out.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// What decoding a picture tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Width before resizing, in pixels, after the EXIF rotation.
    pub width: u32,
    /// Height before resizing, in pixels, after the EXIF rotation.
    pub height: u32,
    /// What the content is.
    pub format: Format,
    /// What was done to it.
    pub notes: Notes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_survive_a_trip_through_words() {
        let notes = Notes::ROTATED.with(Notes::CMYK);
        assert_eq!(notes.to_string(), "rotated cmyk");
        assert_eq!(Notes::from_words("rotated cmyk"), Some(notes));
        assert_eq!(Notes::from_words(""), Some(Notes::default()));
        assert_eq!(Notes::from_words("rotated shiny"), None);
    }

    #[test]
    fn every_format_has_a_word_of_its_own() {
        for format in Format::ALL {
            assert_eq!(Format::from_word(format.word()), Some(format));
        }
    }
}
