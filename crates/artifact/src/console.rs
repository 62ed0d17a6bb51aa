//! What programs say: to the person in front of them on stderr, to the next
//! program on stdout. Nobody listening is no reason to fail.

use crate::ArtifactError;
use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    path::Path,
};

/// Tells a person `text` on stderr, and ends its line. Whether it can be
/// written does not matter: work must not end because a terminal was closed.
/// Control characters, which may come from the name of a file and would do
/// something to a terminal, are spelled out, except for ends of lines.
pub fn tell(text: impl Display) {
    let text = spell_out(&text.to_string(), |letter| matches!(letter, '\n' | '\t'));
    // One write for all of it, so that lines of several threads stay whole.
    let _ = io::stderr().write_all(ended(text).as_bytes());
}

/// Gives the next program `text` on stdout, as it is, and ends its line. One
/// that has stopped reading, `head` for instance, has read enough.
///
/// # Errors
/// [`ArtifactError::Io`] when it cannot be written for another reason.
pub fn answer(text: impl Display) -> Result<(), ArtifactError> {
    let mut out = io::stdout().lock();
    let text = ended(text.to_string());
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(ArtifactError::io(Path::new("standard output"), "write")),
    }
}

/// `text` with every control character spelled out, so that it is one line.
pub fn one_line(text: &str) -> String {
    spell_out(text, |_| false)
}

fn spell_out(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.is_control() && !stays(letter) {
            true => plain.extend(letter.escape_default()),
            false => plain.push(letter),
        }
    }
    plain
}

fn ended(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(one_line("a\u{1b}[31m\nb\u{9b}ü ü"), "a\\u{1b}[31m\\nb\\u{9b}ü ü");
        let kept = spell_out("a\n\tb\r\u{7}", |letter| matches!(letter, '\n' | '\t'));
        assert_eq!(kept, "a\n\tb\\r\\u{7}");
    }

    #[test]
    fn a_line_ends_once() {
        assert_eq!([ended("a".to_owned()), ended("a\n".to_owned())], ["a\n", "a\n"]);
    }
}
