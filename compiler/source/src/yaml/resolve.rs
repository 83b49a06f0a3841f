//! What a plain word means: the YAML 1.1 resolver and constructors of PyYAML.

use super::Yaml;
use super::timestamp;

/// A word that PyYAML's resolver gives a kind and whose constructor then refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String);

/// The value of a plain word with no tag.
pub(super) fn plain(word: &str) -> Result<Yaml, Refused> {
    let Some(first) = word.bytes().next() else { return Ok(Yaml::Null) };
    Ok(match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => boolean(word)
            .map_or_else(|| if is_null(word) { Yaml::Null } else { text(word) }, Yaml::Boolean),
        b'-' | b'+' | b'.' | b'0'..=b'9' => {
            if is_float(word) {
                Yaml::Float(float(word).ok_or_else(|| refused(word, "number"))?)
            } else if is_integer(word) {
                integer(word).ok_or_else(|| refused(word, "number"))?
            } else if first.is_ascii_digit() && timestamp::is_timestamp(word) {
                Yaml::Timestamp(
                    timestamp::iso_text(word).ok_or_else(|| refused(word, "date or time"))?,
                )
            } else {
                text(word)
            }
        }
        b'=' | b'<' if word == "=" || word == "<<" => {
            return Err(Refused(format!(
                "`{word}` has a special meaning in YAML and cannot be a value"
            )));
        }
        _ => text(word),
    })
}

/// The value of a word with a tag of the standard set, such as `str`, `int` or `float`.
///
/// Nothing when PyYAML has no constructor of that name for a scalar, or it has but gives no value that JSON has.
pub(super) fn tagged(kind: &str, word: &str) -> Option<Result<Yaml, Refused>> {
    Some(match kind {
        "str" => Ok(text(word)),
        "null" => Ok(Yaml::Null),
        "bool" => {
            let lower = word.to_ascii_lowercase();
            boolean(&lower).map(Yaml::Boolean).ok_or_else(|| refused(word, "truth value"))
        }
        "int" => integer(word).ok_or_else(|| refused(word, "whole number")),
        "float" => float(word).map(Yaml::Float).ok_or_else(|| refused(word, "number")),
        "timestamp" => timestamp::iso_text(word)
            .map(Yaml::Timestamp)
            .ok_or_else(|| refused(word, "date or time")),
        _ => return None,
    })
}

/// A float as Python's `repr` prints it.
pub(super) fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let scientific = format!("{value:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let (sign, digits) =
            exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    let plain = value.to_string();
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}

fn text(word: &str) -> Yaml {
    Yaml::Text(word.to_owned())
}

fn refused(word: &str, kind: &str) -> Refused {
    Refused(format!("`{word}` looks like a {kind} but is none"))
}

fn is_null(word: &str) -> bool {
    matches!(word, "~" | "null" | "Null" | "NULL")
}

/// `y` and `n` are not among the truth values of PyYAML, nor is mixed case.
fn boolean(word: &str) -> Option<bool> {
    match word {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn unsigned(word: &str) -> &str {
    word.strip_prefix(['-', '+']).unwrap_or(word)
}

fn is_made_of(text: &str, is_member: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(|byte| byte == b'_' || is_member(byte))
}

fn starts_with_digit(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// PyYAML's pattern of floats: a point is needed, and so is the sign of an exponent; `1e3` is text.
fn is_float(word: &str) -> bool {
    let body = unsigned(word);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(word, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, fraction)) = body.split_once('.') else { return false };
    if whole.is_empty() {
        // `-.5` is text: the pattern takes a sign only before a digit.
        let (digits, exponent) = split_exponent(fraction);
        return body.len() == word.len()
            && starts_with_digit(digits)
            && is_made_of(digits, |byte| byte.is_ascii_digit())
            && exponent.is_none_or(is_exponent);
    }
    if let Some((first, rest)) = whole.split_once(':') {
        return starts_with_digit(first)
            && is_made_of(first, |byte| byte.is_ascii_digit())
            && rest.split(':').all(is_sexagesimal)
            && is_made_of(fraction, |byte| byte.is_ascii_digit());
    }
    let (digits, exponent) = split_exponent(fraction);
    starts_with_digit(whole)
        && is_made_of(whole, |byte| byte.is_ascii_digit())
        && is_made_of(digits, |byte| byte.is_ascii_digit())
        && exponent.is_none_or(is_exponent)
}

fn split_exponent(text: &str) -> (&str, Option<&str>) {
    text.split_once(['e', 'E']).map_or((text, None), |(digits, exponent)| (digits, Some(exponent)))
}

fn is_exponent(text: &str) -> bool {
    text.strip_prefix(['-', '+']).is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A part of a number to the base of sixty, behind its first colon.
fn is_sexagesimal(part: &str) -> bool {
    match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    }
}

fn is_integer(word: &str) -> bool {
    let body = unsigned(word);
    if body == "0" {
        return true;
    }
    if let Some(digits) = body.strip_prefix("0b") {
        return !digits.is_empty() && is_made_of(digits, |byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(digits) = body.strip_prefix("0x") {
        return !digits.is_empty() && is_made_of(digits, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = body.strip_prefix('0') {
        return is_made_of(digits, |byte| (b'0'..=b'7').contains(&byte));
    }
    let (first, rest) =
        body.split_once(':').map_or((body, None), |(first, rest)| (first, Some(rest)));
    starts_with_digit(first)
        && is_made_of(first, |byte| byte.is_ascii_digit())
        && rest.is_none_or(|rest| rest.split(':').all(is_sexagesimal))
}

/// The number as PyYAML's constructor makes it; digits as text when 64 bits do not hold it.
fn integer(word: &str) -> Option<Yaml> {
    let clean = word.replace('_', "");
    let is_negative = clean.starts_with('-');
    let body = unsigned(&clean);
    let number = if body == "0" {
        Some(0)
    } else if let Some(digits) = body.strip_prefix("0b") {
        parse_radix(digits, 2)?
    } else if let Some(digits) = body.strip_prefix("0x") {
        parse_radix(digits, 16)?
    } else if body.starts_with('0') {
        // Python's `int('017', 8)` takes the Python spelling `0o17` too.
        parse_radix(body.strip_prefix("0o").unwrap_or(body), 8)?
    } else if body.contains(':') {
        sexagesimal(body)?
    } else {
        parse_radix(body, 10)?
    };
    let signed = number.map(|number| if is_negative { -number } else { number });
    Some(match signed {
        Some(signed) => {
            i64::try_from(signed).map_or_else(|_| Yaml::Text(signed.to_string()), Yaml::Integer)
        }
        None => Yaml::Text(clean.strip_prefix('+').unwrap_or(&clean).to_owned()),
    })
}

/// The number; the inner nothing means too large, the outer one no number.
#[expect(clippy::option_option, reason = "too large and no number are different things")]
fn parse_radix(digits: &str, radix: u32) -> Option<Option<i128>> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    Some(i128::from_str_radix(digits, radix).ok())
}

#[expect(clippy::option_option, reason = "too large and no number are different things")]
fn sexagesimal(body: &str) -> Option<Option<i128>> {
    let mut total: i128 = 0;
    for part in body.split(':') {
        let Some(digits) = parse_radix(part, 10)? else { return Some(None) };
        let Some(next) = total.checked_mul(60).and_then(|total| total.checked_add(digits)) else {
            return Some(None);
        };
        total = next;
    }
    Some(Some(total))
}

fn float(word: &str) -> Option<f64> {
    let clean = word.replace('_', "").to_ascii_lowercase();
    let sign = if clean.starts_with('-') { -1.0 } else { 1.0 };
    let body = unsigned(&clean);
    let magnitude = match body {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        _ if body.contains(':') => {
            // From the right, as PyYAML does it, so that rounding is the same.
            let mut base = 1.0;
            let mut total = 0.0;
            for part in body.rsplit(':') {
                total += part.parse::<f64>().ok()? * base;
                base *= 60.0;
            }
            total
        }
        _ => body.parse().ok()?,
    };
    Some(sign * magnitude)
}
