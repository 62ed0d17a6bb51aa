//! The table of `docs/guides/bad-input.md`: what each program says to bad
//! input. Tests run the programs and hold the table to what they really said.

use crate::{Project, workspace};
use std::{fs, process::Output};

/// What a program said, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The program's name.
    pub program: &'static str,
    /// Its error, without the word `error:`; paths are relative to the project.
    pub message: String,
    /// Its exit status.
    pub status: i32,
}

impl Said {
    /// What `program` said last: the text after `error: ` on stderr.
    ///
    /// # Panics
    /// When there is no error on stderr, or the program was ended by a signal.
    pub fn from_output(program: &'static str, project: &Project, output: &Output) -> Self {
        let text = project.neutral(&String::from_utf8_lossy(&output.stderr));
        let start = text.rfind("error: ");
        let start = start.unwrap_or_else(|| panic!("{program} names no error:\n{text}"));
        let message = text[start + "error: ".len()..].trim_end().to_owned();
        let status = output.status.code().expect("it was not ended by a signal");
        Self { program, message, status }
    }

    /// Asserts that the message has all of `parts`.
    ///
    /// # Panics
    /// When it lacks one.
    pub fn assert_says(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.message.contains(part), "no `{part}` in: {}", self.message);
        }
    }

    /// The row of the table for `case`.
    fn row(&self, case: &str) -> String {
        let Self { program, message, status } = self;
        let message = message.replace('\n', " ⏎ ").replace('|', "\\|");
        format!("| {case} | `{program}` | `` {message} `` | {status} |")
    }
}

/// Asserts that the guide's row for `case` is what was said. With
/// `SHOW_BAD_INPUT` in the environment it prints the row instead, to remake
/// the table from.
///
/// # Panics
/// When it is not, showing the row that it should be.
pub fn assert_documented(case: &str, said: &Said) {
    let (wanted, page) = (said.row(case), page());
    if std::env::var_os("SHOW_BAD_INPUT").is_some() {
        println!("{wanted}");
        return;
    }
    let begin = format!("| {case} | `{}` |", said.program);
    let row = page.lines().find(|line| line.starts_with(&begin));
    assert!(
        row == Some(&wanted),
        "docs/guides/bad-input.md says\n{}\nbut this was said:\n{wanted}",
        row.unwrap_or("nothing")
    );
}

/// The cases that the guide lists, with their programs.
pub fn documented_cases() -> Vec<(String, String)> {
    let page = page();
    let rows = page.lines().filter(|line| line.contains(" | `` "));
    let cells = |line: &str| {
        let mut cells = line.split('|').skip(1).map(|cell| cell.trim().to_owned());
        let case = cells.next().unwrap_or_default();
        (case, cells.next().unwrap_or_default().trim_matches('`').to_owned())
    };
    rows.map(cells).collect()
}

fn page() -> String {
    fs::read_to_string(workspace().join("docs/guides/bad-input.md")).expect("the guide is there")
}
