//! `strftime` with the directives of glibc, in English.

use std::fmt::Write;

use jiff::civil::{Date, Time};

use super::zone::offset_text;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What a format can speak of.
pub(super) struct Fields {
    pub date: Date,
    pub time: Time,
    pub offset: Option<i64>,
    pub zone_name: String,
}

/// The text that `format` asks for; what is no directive is copied.
pub(super) fn strftime(fields: &Fields, format: &str) -> String {
    let mut out = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let mut flag = None;
        let mut directive = characters.next();
        if let Some(found @ ('-' | '_' | '0' | '^' | '#')) = directive {
            flag = Some(found);
            directive = characters.next();
        }
        let Some(directive) = directive else {
            out.push('%');
            break;
        };
        let text = directive_text(fields, directive).unwrap_or_else(|| format!("%{directive}"));
        match flag {
            Some('-') => out.push_str(strip_zeros(&text)),
            Some('_') => {
                let stripped = strip_zeros(&text);
                // Writing into a string does not fail.
                let _ = write!(out, "{stripped:>0$}", text.len());
            }
            Some('^') => out.push_str(&text.to_uppercase()),
            _ => out.push_str(&text),
        }
    }
    out
}

fn strip_zeros(text: &str) -> &str {
    let stripped = text.trim_start_matches(['0', ' ']);
    if stripped.is_empty() || !stripped.starts_with(|c: char| c.is_ascii_digit()) {
        return if text.chars().all(|c| c == '0') { "0" } else { text };
    }
    stripped
}

fn directive_text(fields: &Fields, directive: char) -> Option<String> {
    let Fields { date, time, offset, zone_name } = fields;
    let month = MONTHS[usize::try_from(date.month() - 1).unwrap_or(0)];
    let weekday = date.weekday();
    let day_name = DAYS[usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)];
    let hour = time.hour();
    let half_day = if hour % 12 == 0 { 12 } else { hour % 12 };
    let week = |first_day_offset: i16| (date.day_of_year() + 6 - first_day_offset) / 7;
    Some(match directive {
        'Y' => format!("{}", date.year()),
        'C' => format!("{:02}", date.year() / 100),
        'y' => format!("{:02}", date.year() % 100),
        'm' => format!("{:02}", date.month()),
        'd' => format!("{:02}", date.day()),
        'e' => format!("{:2}", date.day()),
        'H' => format!("{hour:02}"),
        'k' => format!("{hour:2}"),
        'I' => format!("{half_day:02}"),
        'l' => format!("{half_day:2}"),
        'M' => format!("{:02}", time.minute()),
        'S' => format!("{:02}", time.second()),
        'f' => format!("{:06}", time.subsec_nanosecond() / 1000),
        'p' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        'P' => if hour < 12 { "am" } else { "pm" }.to_owned(),
        'B' => month.to_owned(),
        'b' | 'h' => month[..3].to_owned(),
        'A' => day_name.to_owned(),
        'a' => day_name[..3].to_owned(),
        'j' => format!("{:03}", date.day_of_year()),
        'w' => weekday.to_sunday_zero_offset().to_string(),
        'u' => weekday.to_monday_one_offset().to_string(),
        'U' => format!("{:02}", week(weekday.to_sunday_zero_offset().into())),
        'W' => format!("{:02}", week(weekday.to_monday_zero_offset().into())),
        'V' => format!("{:02}", date.iso_week_date().week()),
        'G' => date.iso_week_date().year().to_string(),
        'g' => format!("{:02}", date.iso_week_date().year() % 100),
        'z' => offset.map(|offset| offset_text(offset, "")).unwrap_or_default(),
        'Z' => zone_name.clone(),
        's' => {
            let seconds = jiff::tz::Offset::UTC
                .to_timestamp(date.to_datetime(*time))
                .map_or(0, jiff::Timestamp::as_second);
            (seconds - offset.unwrap_or(0)).to_string()
        }
        'F' => strftime(fields, "%Y-%m-%d"),
        'T' | 'X' => strftime(fields, "%H:%M:%S"),
        'R' => strftime(fields, "%H:%M"),
        'r' => strftime(fields, "%I:%M:%S %p"),
        'D' | 'x' => strftime(fields, "%m/%d/%y"),
        'c' => strftime(fields, "%a %b %e %H:%M:%S %Y"),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        '%' => "%".to_owned(),
        _ => return None,
    })
}
