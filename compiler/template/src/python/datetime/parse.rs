//! `strptime` and `fromisoformat`.

use minijinja::Error;

use super::Moment;
use super::date::{calendar, from_ordinal, ordinal};
use super::format::{DAYS, MONTHS};
use super::time::clock;
use super::zone::Zone;
use crate::python::error::failure;
use crate::python::repr::to_repr;

#[derive(Default)]
struct Parsed {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    is_afternoon: Option<bool>,
    minute: i64,
    second: i64,
    microsecond: i64,
    zone: Option<Zone>,
}

struct Reader<'text> {
    rest: &'text str,
}

impl Reader<'_> {
    /// Between one and `most` digits.
    fn digits(&mut self, most: usize) -> Option<i64> {
        let length = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(length);
        let number = digits.parse().ok()?;
        self.rest = rest;
        Some(number)
    }

    fn literal(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// One of the names, whole or, when `is_short`, its first three letters; case does not count.
    fn name(&mut self, names: &[&str], is_short: bool) -> Option<i64> {
        let (index, length) = names.iter().enumerate().find_map(|(index, name)| {
            let name = if is_short { &name[..3] } else { name };
            self.rest
                .get(..name.len())
                .filter(|start| start.eq_ignore_ascii_case(name))
                .map(|_| (index, name.len()))
        })?;
        self.rest = &self.rest[length..];
        Some(index as i64)
    }

    /// A fraction of up to six digits, in millionths.
    fn fraction(&mut self) -> Option<i64> {
        let before = self.rest.len();
        let number = self.digits(6)?;
        Some(number * 10_i64.pow(6 - (before - self.rest.len()) as u32))
    }

    /// `Z`, `+HHMM`, `+HH:MM`, each with seconds or not.
    fn offset(&mut self) -> Option<i64> {
        if self.literal("Z").is_some() {
            return Some(0);
        }
        let sign = match self.rest.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = self.digits(2)?;
        let _ = self.literal(":");
        let minutes = self.digits(2).unwrap_or(0);
        let seconds = if self.literal(":").is_some() { self.digits(2)? } else { 0 };
        Some(sign * (hours * 3600 + minutes * 60 + seconds))
    }
}

/// The moment that a text states in a format; Python's complaint when it does not match.
pub(super) fn strptime(text: &str, format: &str) -> Result<Moment, Error> {
    let mut reader = Reader { rest: text };
    let parsed = read(&mut reader, format).ok_or_else(|| {
        let (text, format) = (to_repr(&text.into()), to_repr(&format.into()));
        failure(format!("time data {text} does not match format {format}"))
    })?;
    if !reader.rest.is_empty() {
        return Err(failure(format!("unconverted data remains: {}", reader.rest)));
    }
    finish(parsed)
}

fn finish(parsed: Parsed) -> Result<Moment, Error> {
    let year = parsed.year.unwrap_or(1900);
    let date = match parsed.day_of_year {
        Some(day) if parsed.month.is_none() && parsed.day.is_none() => {
            from_ordinal(ordinal(calendar(year, 1, 1)?) + day - 1)?
        }
        _ => calendar(year, parsed.month.unwrap_or(1), parsed.day.unwrap_or(1))?,
    };
    let hour = match parsed.is_afternoon {
        Some(is_afternoon) => parsed.hour % 12 + if is_afternoon { 12 } else { 0 },
        None => parsed.hour,
    };
    let time = clock(hour, parsed.minute, parsed.second, parsed.microsecond)?;
    Ok(Moment::new(date.to_datetime(time), parsed.zone))
}

fn read(reader: &mut Reader<'_>, format: &str) -> Option<Parsed> {
    let mut parsed = Parsed::default();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character.is_whitespace() {
            reader.space();
        } else if character == '%' {
            directive(reader, &mut parsed, characters.next()?)?;
        } else {
            let mut buffer = [0; 4];
            reader.literal(character.encode_utf8(&mut buffer))?;
        }
    }
    Some(parsed)
}

fn directive(reader: &mut Reader<'_>, parsed: &mut Parsed, directive: char) -> Option<()> {
    let within = |number: i64, lowest: i64, highest: i64| {
        (lowest..=highest).contains(&number).then_some(number)
    };
    match directive {
        'Y' => parsed.year = Some(reader.digits(4)?),
        'y' => {
            let year = reader.digits(2)?;
            parsed.year = Some(if year < 69 { 2000 + year } else { 1900 + year });
        }
        'm' => parsed.month = Some(within(reader.digits(2)?, 1, 12)?),
        'd' | 'e' => parsed.day = Some(within(reader.digits(2)?, 1, 31)?),
        'j' => parsed.day_of_year = Some(within(reader.digits(3)?, 1, 366)?),
        'H' => parsed.hour = within(reader.digits(2)?, 0, 23)?,
        'I' => {
            parsed.hour = within(reader.digits(2)?, 1, 12)?;
            parsed.is_afternoon.get_or_insert(false);
        }
        'p' => parsed.is_afternoon = Some(reader.name(&["AM ", "PM "].map(str::trim), false)? == 1),
        'M' => parsed.minute = within(reader.digits(2)?, 0, 59)?,
        'S' => parsed.second = within(reader.digits(2)?, 0, 61)?,
        'f' => parsed.microsecond = reader.fraction()?,
        'B' => parsed.month = Some(reader.name(&MONTHS, false)? + 1),
        'b' | 'h' => parsed.month = Some(reader.name(&MONTHS, true)? + 1),
        'A' => drop(reader.name(&DAYS, false)?),
        'a' => drop(reader.name(&DAYS, true)?),
        'w' | 'u' => drop(reader.digits(1)?),
        'z' => parsed.zone = Some(Zone::fixed(reader.offset()?, None)),
        // A name makes no zone in Python either.
        'Z' => drop(reader.name(&["UTC", "GMT"], false)?),
        'F' => *parsed = merge(std::mem::take(parsed), reader, "%Y-%m-%d")?,
        'T' => *parsed = merge(std::mem::take(parsed), reader, "%H:%M:%S")?,
        '%' => reader.literal("%")?,
        _ => return None,
    }
    Some(())
}

fn merge(mut parsed: Parsed, reader: &mut Reader<'_>, format: &str) -> Option<Parsed> {
    for part in format.split_inclusive(|c: char| c.is_ascii_alphabetic()) {
        let (literal, letter) = part.split_once('%')?;
        reader.literal(literal)?;
        directive(reader, &mut parsed, letter.chars().next()?)?;
    }
    Some(parsed)
}

/// `YYYY-MM-DD[*HH[:MM[:SS[.fff[fff]]]][+HH:MM[:SS]]]`, as `fromisoformat` takes it.
pub(super) fn from_iso(text: &str) -> Result<Moment, Error> {
    let invalid = || failure(format!("Invalid isoformat string: {}", to_repr(&text.into())));
    let mut reader = Reader { rest: text };
    let parsed = read_iso(&mut reader).filter(|_| reader.rest.is_empty()).ok_or_else(invalid)?;
    finish(parsed)
}

fn read_iso(reader: &mut Reader<'_>) -> Option<Parsed> {
    let mut parsed = Parsed { year: Some(reader.digits(4)?), ..Parsed::default() };
    let dashes = reader.literal("-").is_some();
    parsed.month = Some(reader.digits(2)?);
    if dashes {
        reader.literal("-")?;
    }
    parsed.day = Some(reader.digits(2)?);
    let Some(separator) = reader.rest.chars().next() else { return Some(parsed) };
    reader.rest = &reader.rest[separator.len_utf8()..];
    parsed.hour = reader.digits(2)?;
    let colons = reader.literal(":").is_some();
    if colons || reader.rest.starts_with(|c: char| c.is_ascii_digit()) {
        parsed.minute = reader.digits(2)?;
        if reader.literal(":").is_some() || reader.rest.starts_with(|c: char| c.is_ascii_digit()) {
            parsed.second = reader.digits(2)?;
            if reader.literal(".").is_some() || reader.literal(",").is_some() {
                parsed.microsecond = reader.fraction()?;
                reader.rest = reader.rest.trim_start_matches(|c: char| c.is_ascii_digit());
            }
        }
    }
    if !reader.rest.is_empty() {
        parsed.zone = Some(Zone::fixed(reader.offset()?, None));
    }
    Some(parsed)
}
