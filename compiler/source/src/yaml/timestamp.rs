//! Dates and times of YAML 1.1 in the form of Python's `isoformat`.

/// Whether a plain word looks like a date or a time to PyYAML's resolver.
pub(super) fn is_timestamp(word: &str) -> bool {
    parts(word).is_some_and(|parts| parts.time.is_some() || word.len() == 10)
}

/// The date or time as Python's `isoformat` writes it; nothing when there is no such day or time.
pub fn iso_text(word: &str) -> Option<String> {
    let Parts { year, month, day, time } = parts(word)?;
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let Some(Time { hour, minute, second, fraction, zone }) = time else { return Some(date) };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut text = format!("{date}T{hour:02}:{minute:02}:{second:02}");
    let microseconds: String = fraction.chars().chain("000000".chars()).take(6).collect();
    if microseconds != "000000" {
        text.push('.');
        text.push_str(&microseconds);
    }
    text.push_str(&zone.map_or_else(String::new, |minutes| {
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }));
    Some(text)
}

struct Parts<'a> {
    year: u32,
    month: u32,
    day: u32,
    time: Option<Time<'a>>,
}

struct Time<'a> {
    hour: u32,
    minute: u32,
    second: u32,
    fraction: &'a str,
    /// Minutes east of Greenwich.
    zone: Option<i32>,
}

/// Takes the shape apart, with no regard to whether the day exists.
fn parts(word: &str) -> Option<Parts<'_>> {
    let (year, rest) = digits(word, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    if rest.is_empty() {
        return Some(Parts { year, month, day, time: None });
    }
    let after = rest.strip_prefix(['T', 't']).or_else(|| {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        (trimmed.len() < rest.len()).then_some(trimmed)
    })?;
    let (hour, rest) = digits(after, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (second, mut rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let mut fraction = "";
    if let Some(after_point) = rest.strip_prefix('.') {
        let end = after_point.find(|c: char| !c.is_ascii_digit()).unwrap_or(after_point.len());
        (fraction, rest) = after_point.split_at(end);
    }
    let zone = zone(rest.trim_start_matches([' ', '\t']))?;
    // Space with no zone behind it is no part of the shape; a plain word never ends in space anyway.
    Some(Parts { year, month, day, time: Some(Time { hour, minute, second, fraction, zone }) })
}

/// A zone, or none for no text at all; nothing for what is no zone.
#[expect(clippy::option_option, reason = "no zone and a wrong zone are different things")]
fn zone(text: &str) -> Option<Option<i32>> {
    if text.is_empty() {
        return Some(None);
    }
    if text == "Z" {
        return Some(Some(0));
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 1, 2)?;
    let minutes = match rest.strip_prefix(':') {
        Some(rest) => {
            let (minutes, rest) = digits(rest, 2, 2)?;
            rest.is_empty().then_some(minutes)?
        }
        None => rest.is_empty().then_some(0)?,
    };
    Some(Some(sign * (hours * 60 + minutes) as i32))
}

/// Reads `least` to `most` digits.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (number, rest) = text.split_at(count);
    Some((number.parse().ok()?, rest))
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
