//! `'%s' % x`, with the conversions of Python.

use minijinja::{Error, Value};

use super::{WIDEST, float_digits};
use crate::python::decimal::Decimal;
use crate::python::error::failure;
use crate::python::repr::{to_repr, to_text};
use crate::python::values::{float, integer, iterate, pairs, type_name};

#[derive(Default)]
struct Conversion {
    is_left: bool,
    is_zero: bool,
    is_alternate: bool,
    sign: &'static str,
    width: usize,
    precision: Option<usize>,
}

struct Operands<'a> {
    whole: &'a Value,
    items: Vec<Value>,
    next: usize,
}

impl Operands<'_> {
    fn next(&mut self) -> Result<Value, Error> {
        let value = self.items.get(self.next).cloned();
        self.next += 1;
        value.ok_or_else(|| failure("not enough arguments for format string"))
    }

    fn named(&self, name: &str) -> Result<Value, Error> {
        let entries = pairs(self.whole).ok_or_else(|| failure("format requires a mapping"))?;
        entries
            .into_iter()
            .find(|(key, _)| key.as_str() == Some(name))
            .map(|(_, value)| value)
            .ok_or_else(|| failure(format!("KeyError: '{name}'")))
    }
}

/// The text of `format % operand`: a tuple is several operands, a mapping serves `%(name)s`.
pub(crate) fn printf(format: &str, operand: &Value) -> Result<String, Error> {
    let items = if operand.is_tuple() { iterate(operand)? } else { vec![operand.clone()] };
    let mut operands = Operands { whole: operand, items, next: 0 };
    let mut out = String::with_capacity(format.len());
    let mut characters = format.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let mut named = None;
        if characters.next_if_eq(&'(').is_some() {
            let mut name = String::new();
            loop {
                match characters.next() {
                    Some(')') => break,
                    Some(character) => name.push(character),
                    None => return Err(failure("incomplete format key")),
                }
            }
            named = Some(operands.named(&name)?);
        }
        let mut conversion = Conversion::default();
        while let Some(flag) = characters.next_if(|character| "-+ #0".contains(*character)) {
            match flag {
                '-' => conversion.is_left = true,
                '+' => conversion.sign = "+",
                ' ' if conversion.sign.is_empty() => conversion.sign = " ",
                '#' => conversion.is_alternate = true,
                '0' => conversion.is_zero = true,
                _ => {}
            }
        }
        conversion.width = number(&mut characters, &mut operands)?.unwrap_or(0);
        if characters.next_if_eq(&'.').is_some() {
            conversion.precision = Some(number(&mut characters, &mut operands)?.unwrap_or(0));
        }
        while characters.next_if(|character| "hlL".contains(*character)).is_some() {}
        let kind = characters.next().ok_or_else(|| failure("incomplete format"))?;
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = match named {
            Some(value) => value,
            None => operands.next()?,
        };
        out.push_str(&convert(kind, &value, &conversion)?);
    }
    let is_mapping = !operand.is_tuple()
        && (pairs(operand).is_some() || operand.kind() == minijinja::value::ValueKind::Seq);
    if operands.next < operands.items.len() && !is_mapping {
        return Err(failure("not all arguments converted during string formatting"));
    }
    Ok(out)
}

fn number(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    operands: &mut Operands<'_>,
) -> Result<Option<usize>, Error> {
    if characters.next_if_eq(&'*').is_some() {
        let value = integer(&operands.next()?)?;
        return Ok(Some(usize::try_from(value).unwrap_or(0).min(WIDEST)));
    }
    let mut digits = String::new();
    while let Some(digit) = characters.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    Ok(digits.parse::<usize>().ok().map(|number| number.min(WIDEST)))
}

fn convert(kind: char, value: &Value, conversion: &Conversion) -> Result<String, Error> {
    let text = match kind {
        's' => to_text(value),
        'r' | 'a' => to_repr(value),
        'c' => match value.as_str() {
            Some(text) if text.chars().count() == 1 => text.to_owned(),
            Some(_) => return Err(failure("%c requires int or char")),
            None => char::from_u32(integer(value)? as u32).map(String::from).unwrap_or_default(),
        },
        'd' | 'i' | 'u' | 'o' | 'x' | 'X' => return whole(kind, value, conversion),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let number = Decimal::of(value)
                .map_or_else(|| float(value), |decimal| Some(decimal.to_float()))
                .ok_or_else(|| failure(format!("must be real number, not {}", type_name(value))))?;
            let digits = float_digits(
                number,
                kind,
                conversion.precision.unwrap_or(6),
                conversion.is_alternate,
            );
            let digits = if kind.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
            let sign =
                if number.is_sign_negative() && !number.is_nan() { "-" } else { conversion.sign };
            return Ok(pad_number(sign, "", &digits, conversion));
        }
        _ => return Err(failure(format!("unsupported format character '{kind}'"))),
    };
    let text: String = match conversion.precision {
        Some(precision) if kind != 'c' => text.chars().take(precision).collect(),
        _ => text,
    };
    let fill = " ".repeat(conversion.width.saturating_sub(text.chars().count()));
    Ok(if conversion.is_left { text + &fill } else { fill + &text })
}

fn whole(kind: char, value: &Value, conversion: &Conversion) -> Result<String, Error> {
    let truncated = Decimal::of(value).filter(|_| "diu".contains(kind));
    let number = match (i128::try_from(value.clone()), float(value)) {
        _ if let Some(decimal) = truncated => decimal.to_integer()?,
        (Ok(number), _) if value.as_str().is_none() => number,
        (_, Some(number)) if "diu".contains(kind) => number.trunc() as i128,
        _ if "diu".contains(kind) => {
            return Err(failure(format!(
                "%{kind} format: a real number is required, not {}",
                type_name(value)
            )));
        }
        _ => {
            return Err(failure(format!(
                "%{kind} format: an integer is required, not {}",
                type_name(value)
            )));
        }
    };
    let magnitude = number.unsigned_abs();
    let (prefix, digits) = match kind {
        'o' => ("0o", format!("{magnitude:o}")),
        'x' => ("0x", format!("{magnitude:x}")),
        'X' => ("0X", format!("{magnitude:X}")),
        _ => ("", magnitude.to_string()),
    };
    let prefix = if conversion.is_alternate { prefix } else { "" };
    let digits = format!("{digits:0>0$}", conversion.precision.unwrap_or(0));
    Ok(pad_number(if number < 0 { "-" } else { conversion.sign }, prefix, &digits, conversion))
}

fn pad_number(sign: &str, prefix: &str, digits: &str, conversion: &Conversion) -> String {
    let missing = conversion.width.saturating_sub(sign.len() + prefix.len() + digits.len());
    if conversion.is_left {
        return format!("{sign}{prefix}{digits}{}", " ".repeat(missing));
    }
    if conversion.is_zero {
        return format!("{sign}{prefix}{}{digits}", "0".repeat(missing));
    }
    format!("{}{sign}{prefix}{digits}", " ".repeat(missing))
}
