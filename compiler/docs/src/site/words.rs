//! Figures and phrases for people.

use serde_json::Value;

/// A count with its noun: `1 model`, `2 models`.
pub fn counted(count: usize, noun: &str) -> String {
    let number = grouped(&count.to_string());
    match noun {
        _ if count == 1 => format!("{number} {noun}"),
        "analysis" => format!("{number} analyses"),
        _ if noun.ends_with('y') && !noun.ends_with("ay") => {
            format!("{number} {}ies", noun.trim_end_matches('y'))
        }
        _ => format!("{number} {noun}s"),
    }
}

/// Digits in groups of three, with thin blanks.
pub fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut out = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction.filter(|fraction| fraction.bytes().any(|byte| byte != b'0')) {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Seconds: `85 ms`, `1.24 s`, `3 min 5 s`.
pub fn duration(seconds: f64) -> String {
    if seconds < 0.9995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 60.0 {
        format!("{seconds:.2} s")
    } else {
        let whole = seconds.round() as u64;
        match (whole / 3600, whole / 60 % 60, whole % 60) {
            (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
            (hours, minutes, _) => format!("{hours} h {minutes} min"),
        }
    }
}

/// An instant as dbt writes it, cut to the second: `2023-12-01 00:00:05 UTC`.
pub fn instant(text: &str) -> String {
    match (text.get(..10), text.get(11..19)) {
        (Some(date), Some(time)) if text.as_bytes().get(10) == Some(&b'T') => {
            format!("{date} {time} UTC")
        }
        _ => text.to_owned(),
    }
}

/// A figure of the catalog; numbers of bytes in the unit that fits.
pub fn figure(id: &str, value: &Value) -> String {
    let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    match (number, value) {
        (Some(bytes), _) if id.contains("byte") || id == "size" => size(bytes),
        (Some(_), Value::String(text)) => grouped(text),
        (Some(number), _) if number.fract() == 0.0 => grouped(&format!("{number:.0}")),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Bool(true)) => "yes".to_owned(),
        (_, Value::Bool(false)) => "no".to_owned(),
        (_, Value::Null) => "—".to_owned(),
        _ => value.to_string(),
    }
}

fn size(bytes: f64) -> String {
    let mut size = bytes;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if size < 1024.0 {
            return if unit == "B" { format!("{size:.0} B") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{size:.1} TiB")
}

/// The first sentence or line of a Markdown text, without its marks, for lists.
pub fn summary(markdown: &str) -> String {
    let line = markdown
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with(['#', '|', '`', '!', '<']))
        .unwrap_or_default();
    let plain =
        without_links(line.trim_start_matches(['-', '*', '>', ' '])).replace(['*', '`'], "");
    match plain.char_indices().nth(180) {
        Some((at, _)) => format!("{}…", plain[..at].trim_end()),
        None => plain,
    }
}

/// `[text](address)` becomes `text`.
fn without_links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(middle) = rest.find("](") {
        let Some(start) = rest[..middle].rfind('[') else { break };
        let Some(end) = rest[middle..].find(')') else { break };
        out.push_str(rest[..start].trim_end_matches('!'));
        out.push_str(&rest[start + 1..middle]);
        rest = &rest[middle + end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable() {
        assert_eq!(counted(1, "model"), "1 model");
        assert_eq!(counted(12_345, "entry"), "12\u{202f}345 entries");
        assert_eq!(counted(2, "day"), "2 days");
        assert_eq!(duration(0.0851), "85 ms");
        assert_eq!(duration(185.2), "3 min 5 s");
        assert_eq!(instant("2023-12-01T00:00:05.123456Z"), "2023-12-01 00:00:05 UTC");
        assert_eq!(figure("bytes", &Value::from(1536)), "1.5 KiB");
        assert_eq!(figure("row_count", &Value::from(1234.0)), "1\u{202f}234");
    }

    #[test]
    fn a_summary_is_one_plain_line() {
        assert_eq!(summary("# Title\n\n**One** row per `order`.\nMore."), "One row per order.");
        assert_eq!(
            summary("See [the docs](https://a.b) and ![x](y), [z]."),
            "See the docs and x, [z]."
        );
    }
}
