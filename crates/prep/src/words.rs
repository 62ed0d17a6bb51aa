//! Findings as lines for a terminal: what is alike stands together, so that a
//! thousand findings are still read.

use shoebox_artifact::{
    console::one_line,
    records::{Finding, Severity},
};
use std::path::{Path, PathBuf};

/// Findings of one kind that are shown before they are only counted.
const SHOWN: usize = 5;

/// `1 file`, `3 files`, `2 classes`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    match (number, noun.ends_with('s')) {
        (1, _) => format!("1 {noun}"),
        (_, false) => format!("{number} {noun}s"),
        (_, true) => format!("{number} {noun}es"),
    }
}

/// A line for each finding of a group, up to a few, and then its remedy.
/// Findings are grouped when they are next to each other and have severity,
/// kind and remedy in common.
pub(crate) fn listed(findings: &[Finding]) -> String {
    let key = |finding: &Finding| (finding.severity, finding.kind.clone(), finding.remedy.clone());
    let mut text = String::new();
    for alike in findings.chunk_by(|a, b| key(a) == key(b)) {
        for finding in alike.iter().take(SHOWN) {
            let word = word(finding.severity);
            let line = one_line(&format!("{word}: {}: {}", place(finding), finding.fact));
            text += &format!("  {line}\n");
        }
        if let more @ 1.. = alike.len().saturating_sub(SHOWN) {
            text += &format!("    and {more} more of the kind `{}`\n", alike[0].kind);
        }
        text += &format!("    -> {}\n", alike[0].remedy);
    }
    text
}

/// All that forbids a cache, with every path, and what else was noticed.
/// There is no file in which the paths could be looked up.
pub(crate) fn faults(faults: &[Finding], others: &[Finding]) -> String {
    let mut text = match faults.len() {
        1 => "1 fault in the data; nothing was written:\n".to_owned(),
        count => format!("{count} faults in the data; nothing was written:\n"),
    };
    for alike in faults.chunk_by(|a, b| a.remedy == b.remedy) {
        for fault in alike {
            let line = one_line(&format!("{}: {}", fault.paths.join(", "), fault.fact));
            text += &format!("  {line}\n");
        }
        text += &format!("    -> {}\n", alike[0].remedy);
    }
    if !others.is_empty() {
        text += "also noticed:\n";
        text += &listed(others);
    }
    text.trim_end().to_owned()
}

/// Files of one cache that are damaged, and the folders of the other caches
/// that share some of them.
pub(crate) fn damaged(files: &[PathBuf], sharers: &[PathBuf]) -> String {
    let fact = match files {
        [file] => {
            format!("{}: the cache is damaged: its checksum is not the manifest's", file.display())
        }
        _ => {
            let names = files.iter().filter_map(|path| path.file_name());
            let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
            let folder = files.first().and_then(|file| file.parent()).unwrap_or(Path::new(""));
            format!(
                "{}: {} files of the cache are damaged: their checksums are not the manifest's ({})",
                folder.display(),
                files.len(),
                names.join(", ")
            )
        }
    };
    let folders: Vec<_> = sharers.iter().map(|folder| folder.display().to_string()).collect();
    match folders.len() {
        0 => format!("{fact}; remove its folder and run `prep` again"),
        _ => format!(
            "{fact}, and so is what shares {}: {}; remove all these folders and run `prep` again",
            if files.len() == 1 { "it" } else { "them" },
            folders.join(", ")
        ),
    }
}

/// The first path, and the second one or how many more there are.
fn place(finding: &Finding) -> String {
    let first = finding.place();
    match (finding.count.saturating_sub(1), finding.paths.get(1)) {
        (0, _) => first.to_owned(),
        (1, Some(second)) => format!("{first} and {second}"),
        (more, _) => format!("{first} and {more} more"),
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(path: &str, fact: &str) -> Finding {
        Finding::new("odd", Severity::Warning, vec![path.to_owned()], fact, "mend it")
    }

    #[test]
    fn findings_with_the_same_remedy_share_it() {
        let text = listed(&[finding("a", "is odd"), finding("b", "is odder")]);
        assert_eq!(text, "  warning: a: is odd\n  warning: b: is odder\n    -> mend it\n");
    }

    #[test]
    fn many_of_a_kind_are_counted() {
        let many: Vec<_> = (0..8).map(|number| finding(&number.to_string(), "is odd")).collect();
        let text = listed(&many);
        let counted = "  warning: 4: is odd\n    and 3 more of the kind `odd`\n";
        assert!(text.contains(counted) && !text.contains("warning: 5"), "{text}");
    }

    #[test]
    fn what_a_name_would_do_to_a_terminal_is_spelled_out() {
        let odd = finding("a\u{1b}[31m\n  error: b", "is odd");
        let line = "a\\u{1b}[31m\\n  error: b: is odd\n";
        assert!(listed(std::slice::from_ref(&odd)).contains(line));
        assert!(faults(&[odd], &[]).contains(line));
    }

    #[test]
    fn every_path_of_a_fault_is_named() {
        let paths = ["a", "b", "c"].map(str::to_owned).to_vec();
        let fault = Finding::new("bad", Severity::Error, paths, "is bad", "mend it");
        let wanted = "1 fault in the data; nothing was written:\n  a, b, c: is bad\n    -> mend it";
        assert_eq!(faults(&[fault], &[]), wanted);
    }
}
