//! Text in charts.

/// About how wide a letter is, in parts of the font's size.
const LETTER: f64 = 0.56;

/// `text` without control characters, which XML cannot hold.
pub fn clean(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// [`clean`] text of at most `letters` letters; a longer one loses its middle.
pub fn shorten(text: &str, letters: usize) -> String {
    let all: Vec<char> = clean(text).chars().collect();
    if all.len() <= letters {
        return all.into_iter().collect();
    }
    let (head, tail) = (letters.div_ceil(2), letters / 2 - 1);
    let (head, tail) = (&all[..head], &all[all.len() - tail..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// About how wide `text` is at `size`, in SVG units. Fonts differ; layouts leave room.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * LETTER * size
}

#[cfg(test)]
mod tests {
    use super::{clean, shorten};

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shorten("adidas", 10), "adidas");
        assert_eq!(shorten("a-very-long-class-name", 10), "a-ver…name");
    }

    #[test]
    fn control_characters_are_dropped() {
        assert_eq!(clean("a\u{0}b\n"), "ab");
    }
}
