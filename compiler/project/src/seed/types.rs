//! The kinds of a seed's columns: dbt's type tester over agate's types, in its order.

use std::fmt;

use adapter_interface::{Datum, SeedType};

/// Signs that agate takes off a number.
const CURRENCY_SIGNS: &[char] = &[
    '؋', '$', 'ƒ', '៛', '¥', '₡', '₱', '£', '€', '¢', '﷼', '₪', '₩', '₭', '₮', '₦', '฿', '₤', '₫',
];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Integer,
    Number,
    Date,
    Timestamp,
    Boolean,
    Text,
}

impl ColumnKind {
    pub(super) fn seed_type(self) -> SeedType {
        match self {
            Self::Integer => SeedType::Integer,
            Self::Number => SeedType::Number,
            Self::Date => SeedType::Date,
            Self::Timestamp => SeedType::Timestamp,
            Self::Boolean => SeedType::Boolean,
            Self::Text => SeedType::Text,
        }
    }

    /// The value of a field; text stays as it is, all else is trimmed. A text is written over what `memory` held.
    pub(super) fn datum(self, text: &str, memory: String) -> Datum {
        if is_null(text) {
            return Datum::Null;
        }
        let same = |text: &str, mut memory: String| {
            memory.clear();
            memory.push_str(text);
            memory
        };
        let value = match self {
            Self::Integer => match small_integer(text) {
                Some(number) => Some(Datum::Integer(number.into())),
                None => decimal(text).map(|number| number.integer()),
            },
            Self::Number if is_written_out(text) => return Datum::Decimal(same(text, memory)),
            Self::Number => decimal(text).map(|number| Datum::Decimal(number.text())),
            Self::Date if is_whole_date(text) => return Datum::Date(same(text, memory)),
            Self::Date => day(text.trim()).map(|day| Datum::Date(day.to_string())),
            Self::Timestamp if has_all_zeros(text) && spaced_moment(text).is_some() => {
                let mut moment = same(&text[..DATE_LENGTH], memory);
                moment.push('T');
                moment.push_str(&text[DATE_LENGTH + 1..]);
                return Datum::Timestamp(moment);
            }
            Self::Timestamp => timestamp(text),
            Self::Boolean => boolean(text).map(Datum::Boolean),
            Self::Text => return Datum::Text(same(text, memory)),
        };
        value.unwrap_or_else(|| Datum::Text(text.to_owned()))
    }
}

/// Finds the first kind that fits all values, as they go by. Columns without any value at all are numbers, as in agate.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether a kind still fits")]
pub(super) struct KindTester {
    /// A value went by that is not null.
    has_value: bool,
    is_number: bool,
    has_fraction: bool,
    is_date: bool,
    // agate tries its own format and then ISO 8601; a column mixes them at its peril, as there.
    is_spaced_timestamp: bool,
    is_iso_timestamp: bool,
    is_boolean: bool,
}

impl Default for KindTester {
    fn default() -> Self {
        Self {
            has_value: false,
            is_number: true,
            has_fraction: false,
            is_date: true,
            is_spaced_timestamp: true,
            is_iso_timestamp: true,
            is_boolean: true,
        }
    }
}

impl KindTester {
    /// That of a column which is text whatever it looks like.
    pub(super) fn text() -> Self {
        Self {
            has_value: true,
            is_number: false,
            has_fraction: false,
            is_date: false,
            is_spaced_timestamp: false,
            is_iso_timestamp: false,
            is_boolean: false,
        }
    }

    /// Whether any value tells something of the column.
    pub(super) fn has_seen(&self) -> bool {
        self.has_value
    }

    /// Takes a value in.
    pub(super) fn see(&mut self, value: &str) {
        if self.is_text() || is_null(value) {
            return;
        }
        self.has_value = true;
        if self.is_number {
            match has_fraction(value) {
                Some(has_fraction) => self.has_fraction |= has_fraction,
                None => self.is_number = false,
            }
        }
        self.is_date = self.is_date && day(value.trim()).is_some();
        self.is_spaced_timestamp =
            self.is_spaced_timestamp && spaced_moment(value.trim()).is_some();
        self.is_iso_timestamp = self.is_iso_timestamp && iso_moment(value.trim()).is_some();
        self.is_boolean = self.is_boolean && boolean(value).is_some();
    }

    /// Whether nothing else fits any more.
    fn is_text(&self) -> bool {
        !(self.is_number
            || self.is_date
            || self.is_spaced_timestamp
            || self.is_iso_timestamp
            || self.is_boolean)
    }

    /// The kind that fits all that went by.
    pub(super) fn kind(&self) -> ColumnKind {
        match self {
            Self { is_number: true, has_fraction: true, .. } => ColumnKind::Number,
            Self { is_number: true, .. } => ColumnKind::Integer,
            Self { is_date: true, .. } => ColumnKind::Date,
            Self { is_spaced_timestamp: true, .. } | Self { is_iso_timestamp: true, .. } => {
                ColumnKind::Timestamp
            }
            Self { is_boolean: true, .. } => ColumnKind::Boolean,
            _ => ColumnKind::Text,
        }
    }
}

fn is_null(text: &str) -> bool {
    // Most begin with a character that neither nothing nor `null` begins with.
    if text
        .bytes()
        .next()
        .is_some_and(|first| first.is_ascii_graphic() && !matches!(first, b'n' | b'N'))
    {
        return false;
    }
    let text = text.trim();
    text.is_empty() || text.eq_ignore_ascii_case("null")
}

fn boolean(text: &str) -> Option<bool> {
    let without_commas;
    let text = if text.contains(',') {
        without_commas = text.replace(',', "");
        without_commas.trim()
    } else {
        text.trim()
    };
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A decimal number: digits with the point moved.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// How many digits stand behind the point once zeros at the end are gone.
    fn places(&self) -> i64 {
        let zeros = self.digits.bytes().rev().take_while(|digit| *digit == b'0').count() as i64;
        if zeros as usize == self.digits.len() { 0 } else { (-self.exponent - zeros).max(0) }
    }

    /// The number written out, without an exponent.
    fn text(&self) -> String {
        let sign = if self.is_negative { "-" } else { "" };
        if self.exponent >= 0 {
            let zeros = "0".repeat(self.exponent as usize);
            return format!("{sign}{}{zeros}", self.digits);
        }
        let places = (-self.exponent) as usize;
        let padded = format!("{:0>width$}", self.digits, width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        format!("{sign}{whole}.{fraction}")
    }

    fn integer(&self) -> Datum {
        let text = self.text();
        let whole = text.split('.').next().unwrap_or(&text);
        whole.parse().map_or_else(|_| Datum::Decimal(whole.to_owned()), Datum::Integer)
    }
}

/// A whole number of plain digits, as most are; nothing for those that need a closer look.
fn small_integer(text: &str) -> Option<i64> {
    let digits = after(text, b'-').unwrap_or(text).as_bytes();
    if !(1..=18).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    Some(if text.len() > digits.len() { -number } else { number })
}

/// Whether a number has digits other than zeros behind its point; nothing for what is no number.
fn has_fraction(text: &str) -> Option<bool> {
    // Most numbers are plain, and nothing needs to be made of them.
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain && small_integer(whole).is_some() {
        return Some(fraction.bytes().any(|byte| byte != b'0'));
    }
    decimal(text).map(|number| number.places() > 0)
}

/// Whether [`Decimal::text`] of a number would be the text itself: digits without zeros before them, and perhaps a
/// fraction.
fn is_written_out(text: &str) -> bool {
    let text = after(text, b'-').unwrap_or(text);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) =
        text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    is_digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(is_digits)
}

/// How far a decimal point may move; beyond that, text is meant.
const EXPONENT_LIMIT: i64 = 400;

/// A number as agate's `Number` reads it, which is generous with signs around it.
fn decimal(text: &str) -> Option<Decimal> {
    // Most texts are none, and their first character tells.
    if text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) {
        return None;
    }
    let text = text.trim().trim_matches('%');
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let text = text.trim_matches(CURRENCY_SIGNS).replace(',', "");
    let text = text.trim();
    // Python's `Decimal` takes a sign of its own and underscores.
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (!is_negative, rest),
        None => (is_negative, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.replace('_', "");
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty()
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
        || exponent.abs() > EXPONENT_LIMIT
    {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let digits = if significant.is_empty() { "0".to_owned() } else { significant.to_owned() };
    Some(Decimal { is_negative, digits, exponent: exponent - fraction.len() as i64 })
}

/// Whether a text is `%Y-%m-%d` with all its zeros.
fn is_whole_date(text: &str) -> bool {
    text.len() == DATE_LENGTH && day(text).is_some()
}

/// How long a date is that has all its zeros.
const DATE_LENGTH: usize = "2024-01-02".len();

/// A day of the calendar.
struct Day(u32, u32, u32);

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(year, month, day) = self;
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

/// A text that is a date and nothing else.
fn day(text: &str) -> Option<Day> {
    leading_day(text).and_then(|(day, rest)| rest.is_empty().then_some(day))
}

fn leading_day(text: &str) -> Option<(Day, &str)> {
    let (year, rest) = number(text, 4, 4)?;
    let (month, rest) = number(after(rest, b'-')?, 1, 2)?;
    let (day, rest) = number(after(rest, b'-')?, 1, 2)?;
    is_day(year, month, day).then_some((Day(year, month, day), rest))
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    year > 0 && (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// The text after an ASCII character, if it begins with it. `strip_prefix` does the same, but by a call for each.
fn after(text: &str, character: u8) -> Option<&str> {
    if text.as_bytes().first() == Some(&character) { text.get(1..) } else { None }
}

/// Reads `least` to `most` digits.
fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (digits, rest) = text.split_at(count);
    let value = digits.bytes().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    Some((value, rest))
}

fn timestamp(text: &str) -> Option<Datum> {
    spaced_timestamp(text.trim()).or_else(|| iso_timestamp(text.trim()))
}

/// `%Y-%m-%d %H:%M:%S`.
fn spaced_timestamp(text: &str) -> Option<Datum> {
    let (day, [hour, minute, second]) = spaced_moment(text)?;
    Some(Datum::Timestamp(format!("{day}T{hour:02}:{minute:02}:{second:02}")))
}

/// Whether a moment is written as `2024-01-02 03:04:05` is, each part in its place.
fn has_all_zeros(text: &str) -> bool {
    let is = |place: usize, wanted: fn(&u8) -> bool| text.as_bytes().get(place).is_some_and(wanted);
    text.len() == "2024-01-02 03:04:05".len()
        && is(7, |byte| *byte == b'-')
        && is(9, u8::is_ascii_digit)
        && is(10, u8::is_ascii_whitespace)
        && is(11, u8::is_ascii_digit)
        && is(13, |byte| *byte == b':')
}

fn spaced_moment(text: &str) -> Option<(Day, [u32; 3])> {
    let (day, rest) = leading_day(text)?;
    let time = rest.trim_start();
    if time.len() == rest.len() {
        return None;
    }
    let (hour, rest) = number(time, 1, 2)?;
    let (minute, rest) = number(after(rest, b':')?, 1, 2)?;
    let (second, rest) = number(after(rest, b':')?, 1, 2)?;
    let is_time = rest.is_empty() && hour < 24 && minute < 60 && second < 60;
    is_time.then_some((day, [hour, minute, second]))
}

/// A moment as ISO 8601 writes it.
struct IsoMoment<'text> {
    day: Day,
    time: [u32; 3],
    /// The digits behind the point of the seconds, up to six.
    fraction: &'text str,
    /// The sign, the hours and the minutes of the zone.
    zone: Option<(char, u32, u32)>,
}

fn iso_timestamp(text: &str) -> Option<Datum> {
    let IsoMoment { day, time: [hour, minute, second], fraction, zone } = iso_moment(text)?;
    let point = if fraction.is_empty() { "" } else { "." };
    let moment = format!("{day}T{hour:02}:{minute:02}:{second:02}{point}{fraction}");
    Some(match zone {
        None => Datum::Timestamp(moment),
        Some((sign, hours, minutes)) => {
            Datum::TimestampWithZone(format!("{moment}{sign}{hours:02}:{minutes:02}"))
        }
    })
}

/// ISO 8601: a date, `T`, a time, perhaps a zone; with all separators or with none.
fn iso_moment(text: &str) -> Option<IsoMoment<'_>> {
    let (date, time) = text.split_once('T')?;
    let day = if date.contains('-') {
        self::day(date)?
    } else {
        let (year, rest) = number(date, 4, 4)?;
        let (month, rest) = number(rest, 2, 2)?;
        let (day, rest) = number(rest, 2, 2)?;
        (rest.is_empty() && is_day(year, month, day)).then_some(Day(year, month, day))?
    };
    let (hour, rest) = number(time, 2, 2)?;
    let (minute, rest) = next_part(rest).unwrap_or((0, rest));
    let (second, rest) = next_part(rest).unwrap_or((0, rest));
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(after) => after.split_at(after.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("", rest),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = fraction.get(..6).unwrap_or(fraction).trim_end_matches('0');
    let zone = if rest.is_empty() { None } else { Some(zone(rest)?) };
    Some(IsoMoment { day, time: [hour, minute, second], fraction, zone })
}

/// Two more digits, behind a colon or not.
fn next_part(text: &str) -> Option<(u32, &str)> {
    number(after(text, b':').unwrap_or(text), 2, 2)
}

fn zone(text: &str) -> Option<(char, u32, u32)> {
    if text == "Z" {
        return Some(('+', 0, 0));
    }
    let sign = text.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    let (hours, rest) = number(&text[1..], 2, 2)?;
    let (minutes, rest) = next_part(rest).unwrap_or((0, rest));
    (rest.is_empty() && hours < 24 && minutes < 60).then_some((sign, hours, minutes))
}
