//! The format language after the colon: `{:>10}`, `{:,.2f}`, `{:%Y-%m-%d}`.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{WIDEST, float_digits, grouped};
use crate::python::decimal::{Decimal, fixed};
use crate::python::error::failure;
use crate::python::repr::{float_text, to_text};
use crate::python::values::{float, type_name};

#[derive(Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    is_alternate: bool,
    is_zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// `format(value, spec)`
pub(super) fn format_value(value: &Value, spec: &str) -> Result<String, Error> {
    if spec.is_empty() {
        return Ok(to_text(value));
    }
    if let Some(text) = crate::python::datetime::format(value, spec) {
        return Ok(text);
    }
    let parsed =
        parse(spec).ok_or_else(|| failure(format!("Invalid format specifier '{spec}'")))?;
    if let Some(decimal) = Decimal::of(value) {
        return decimal_text(decimal, &parsed);
    }
    let is_number = matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    match parsed.kind {
        None | Some('s') if !is_number => text(value, &parsed),
        Some('d' | 'b' | 'o' | 'x' | 'X' | 'c' | 'n') | None if is_whole(value) => {
            whole(value, &parsed)
        }
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') | None if is_number => {
            number(value, &parsed)
        }
        kind => Err(failure(format!(
            "Unknown format code '{}' for object of type '{}'",
            kind.unwrap_or('s'),
            type_name(value)
        ))),
    }
}

fn is_whole(value: &Value) -> bool {
    value.is_integer() || value.kind() == ValueKind::Bool
}

fn parse(spec: &str) -> Option<Spec> {
    let mut parsed = Spec::default();
    let characters: Vec<char> = spec.chars().collect();
    let mut index = 0;
    let is_align =
        |character: Option<&char>| character.is_some_and(|character| "<>=^".contains(*character));
    if is_align(characters.get(1)) {
        (parsed.fill, parsed.align) = (Some(characters[0]), Some(characters[1]));
        index = 2;
    } else if is_align(characters.first()) {
        parsed.align = Some(characters[0]);
        index = 1;
    }
    let mut take = |set: &str| -> Option<char> {
        let found = characters.get(index).copied().filter(|character| set.contains(*character))?;
        index += 1;
        Some(found)
    };
    parsed.sign = take("+- ");
    parsed.is_alternate = take("#").is_some();
    parsed.is_zero = take("0").is_some();
    let mut digits = String::new();
    while let Some(digit) = take("0123456789") {
        digits.push(digit);
    }
    parsed.width = if digits.is_empty() { 0 } else { digits.parse::<usize>().ok()?.min(WIDEST) };
    parsed.grouping = take(",_");
    if take(".").is_some() {
        let mut digits = String::new();
        while let Some(digit) = take("0123456789") {
            digits.push(digit);
        }
        parsed.precision = Some(digits.parse::<usize>().ok()?.min(WIDEST));
    }
    parsed.kind = take("bcdeEfFgGnosxX%");
    (index == characters.len()).then_some(parsed)
}

fn text(value: &Value, spec: &Spec) -> Result<String, Error> {
    if spec.sign.is_some() || spec.grouping.is_some() || spec.align == Some('=') {
        return Err(failure(format!(
            "format specifier not allowed for object of type '{}'",
            type_name(value)
        )));
    }
    if value.as_str().is_none() {
        return Err(failure(format!(
            "unsupported format string passed to {}.__format__",
            type_name(value)
        )));
    }
    let text = to_text(value);
    let text: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text,
    };
    Ok(pad("", &text, spec, '<'))
}

fn whole(value: &Value, spec: &Spec) -> Result<String, Error> {
    let number = i128::try_from(value.clone())?;
    if spec.precision.is_some() {
        return Err(failure("Precision not allowed in integer format specifier"));
    }
    let magnitude = number.unsigned_abs();
    let (prefix, digits) = match spec.kind {
        Some('b') => ("0b", format!("{magnitude:b}")),
        Some('o') => ("0o", format!("{magnitude:o}")),
        Some('x') => ("0x", format!("{magnitude:x}")),
        Some('X') => ("0X", format!("{magnitude:X}")),
        Some('c') => {
            let character = u32::try_from(magnitude).ok().and_then(char::from_u32);
            return Ok(pad("", &character.map(String::from).unwrap_or_default(), spec, '<'));
        }
        _ => ("", magnitude.to_string()),
    };
    let size = if prefix.is_empty() { 3 } else { 4 };
    let digits =
        spec.grouping.map_or(digits.clone(), |separator| grouped(&digits, separator, size));
    let prefix = if spec.is_alternate { prefix } else { "" };
    Ok(pad(&format!("{}{prefix}", sign(number < 0, spec)), &digits, spec, '>'))
}

fn number(value: &Value, spec: &Spec) -> Result<String, Error> {
    let number = float(value).ok_or_else(|| failure("a number was expected"))?;
    let precision = spec.precision.unwrap_or(6);
    let digits = match spec.kind {
        Some('%') => float_digits(number * 100.0, 'f', precision, false) + "%",
        Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G')) => {
            float_digits(number, kind, precision, spec.is_alternate)
        }
        Some(_) => float_digits(number, 'g', precision, false),
        None => match spec.precision {
            None => float_text(number.abs()),
            Some(precision) => {
                let digits = float_digits(number, 'g', precision, false);
                if digits.contains(['.', 'e', 'n']) { digits } else { digits + ".0" }
            }
        },
    };
    let digits = if spec.kind.is_some_and(|kind| kind.is_ascii_uppercase()) {
        digits.to_uppercase()
    } else {
        digits
    };
    let digits = spec.grouping.map_or(digits.clone(), |separator| grouped(&digits, separator, 3));
    Ok(pad(sign(number.is_sign_negative() && !number.is_nan(), spec), &digits, spec, '>'))
}

/// Decimals format from their own digits, where floats would show theirs.
fn decimal_text(decimal: &Decimal, spec: &Spec) -> Result<String, Error> {
    let written = decimal.to_string();
    let is_negative = written.starts_with('-');
    let digits = match (spec.kind, spec.precision) {
        (None, None) => written.trim_start_matches('-').to_owned(),
        (Some('f' | 'F'), None) if !written.contains('E') => {
            written.trim_start_matches('-').to_owned()
        }
        (Some('f' | 'F'), precision) => fixed(decimal, precision.unwrap_or(0)),
        (Some('%'), precision) => fixed(&decimal.hundredfold(), precision.unwrap_or(0)) + "%",
        (None | Some('e' | 'E' | 'g' | 'G' | 'n'), _) => {
            return number(&Value::from(decimal.to_float()), spec);
        }
        (Some(_), _) => return Err(failure("invalid format string")),
    };
    let digits = spec.grouping.map_or(digits.clone(), |separator| grouped(&digits, separator, 3));
    Ok(pad(sign(is_negative, spec), &digits, spec, '>'))
}

fn sign(is_negative: bool, spec: &Spec) -> &'static str {
    match (is_negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        (false, _) => "",
    }
}

fn pad(sign: &str, body: &str, spec: &Spec, default_align: char) -> String {
    let missing = spec.width.saturating_sub(sign.chars().count() + body.chars().count());
    let fill = spec.fill.unwrap_or(if spec.is_zero { '0' } else { ' ' });
    let default_align = if spec.is_zero && default_align == '>' { '=' } else { default_align };
    let fills = |count: usize| std::iter::repeat_n(fill, count).collect::<String>();
    match spec.align.unwrap_or(default_align) {
        '<' => format!("{sign}{body}{}", fills(missing)),
        '=' => format!("{sign}{}{body}", fills(missing)),
        '^' => format!("{}{sign}{body}{}", fills(missing / 2), fills(missing - missing / 2)),
        _ => format!("{}{sign}{body}", fills(missing)),
    }
}
