//! Small pieces of sentences.

/// With more names than this the rest is counted.
const MOST_NAMES: usize = 5;

/// `1 picture`, `2 pictures`.
pub fn counted(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// `once`, `twice`, `3 times`.
pub fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{count} times"),
    }
}

/// `a`, `a and b`, `a, b and c`; of many the first five and how many more.
pub fn listed(names: &[String]) -> String {
    let more = match names.len().saturating_sub(MOST_NAMES) {
        0 => None,
        more => Some(format!("{more} more")),
    };
    let shown = names.iter().take(MOST_NAMES).chain(&more);
    let shown: Vec<&str> = shown.map(String::as_str).collect();
    match shown.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

/// A name between backticks.
pub fn quoted(name: &str) -> String {
    format!("`{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end_with_and() {
        let names: Vec<String> = ["a", "b", "c", "d", "e", "f", "g"].map(str::to_owned).into();
        assert_eq!(listed(&names[..1]), "a");
        assert_eq!(listed(&names[..2]), "a and b");
        assert_eq!(listed(&names[..5]), "a, b, c, d and e");
        assert_eq!(listed(&names), "a, b, c, d, e and 2 more");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!([1, 3].map(|count| counted(count, "picture")), ["1 picture", "3 pictures"]);
        assert_eq!([1, 2, 3].map(times), ["once", "twice", "3 times"]);
    }
}
