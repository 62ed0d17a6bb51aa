//! Numbers as people read them.

/// A share 0–1 with one decimal: `92.1 %`, with a narrow space that does not break.
pub fn percent(share: f64) -> String {
    format!("{:.1}\u{202f}%", share * 100.0)
}

/// A share 0–1 without decimals: `92 %`.
pub fn whole_percent(share: f64) -> String {
    format!("{:.0}\u{202f}%", share * 100.0)
}

/// A score with two decimals, or a dash for one that cannot be computed.
pub fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{score:.2}"))
}

/// A whole number with commas: `22,175,138`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut text = digits[..head].to_owned();
    for (place, digit) in digits[head..].chars().enumerate() {
        if place % 3 == 0 && !text.is_empty() {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 image`, `2 images`.
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// A number to three significant digits, in the shortest form that reads
/// well: `0.025`, `1e-4`, `2.3`.
pub fn compact(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{number:.2e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-3..5).contains(&exponent) {
        let decimals = usize::try_from(2 - exponent).unwrap_or(0);
        return trim_zeros(&format!("{number:.decimals$}")).to_owned();
    }
    format!("{}e{exponent}", trim_zeros(mantissa))
}

fn trim_zeros(decimal: &str) -> &str {
    match decimal.contains('.') {
        true => decimal.trim_end_matches('0').trim_end_matches('.'),
        false => decimal,
    }
}

/// `0.8 s`, `42 s`, `3 min 20 s`, `1 h 04 min`.
pub fn duration(seconds: f64) -> String {
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    match seconds.round() as u64 {
        whole @ ..60 => format!("{whole} s"),
        whole @ 60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        whole => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(percent(0.9211), "92.1\u{202f}%");
        assert_eq!([7, 999, 1000, 22_175_138].map(grouped), ["7", "999", "1,000", "22,175,138"]);
        assert_eq!([1, 2].map(|count| counted(count, "image")), ["1 image", "2 images"]);
        assert_eq!(score(None), "–");
    }

    #[test]
    fn compact_numbers_keep_three_digits() {
        let numbers = [0.0, 1e-4, 0.000_098, 0.025, 0.6724, 1.0, 2.345, 1250.0, 2e7];
        let texts = ["0", "1e-4", "9.8e-5", "0.025", "0.672", "1", "2.35", "1250", "2e7"];
        assert_eq!(numbers.map(compact), texts.map(str::to_owned));
    }

    #[test]
    fn durations_use_two_units() {
        let texts = [0.84, 9.99, 59.6, 200.0, 3840.0].map(duration);
        assert_eq!(texts, ["0.8 s", "10 s", "1 min 00 s", "3 min 20 s", "1 h 04 min"]);
    }
}
