//! The nearest valid name for a mistyped one.

/// Appends `did you mean …?` to a parser's message of the form
/// ``unknown field `lern_rate`, expected one of `a`, `b` `` when one of the
/// names it lists is near.
pub(crate) fn with_nearest(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.contains("unknown "), quoted.next()) {
        (true, Some(typo)) => match nearest(typo, quoted) {
            Some(name) => format!("{message}; did you mean `{name}`?"),
            None => message.to_owned(),
        },
        _ => message.to_owned(),
    }
}

/// The candidate with the highest Jaro–Winkler similarity, if it is above 0.75.
pub fn nearest<'a>(typo: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|name| (strsim::jaro_winkler(typo, name), name))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
