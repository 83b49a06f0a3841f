//! Filters that make and change numbers.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use crate::python::arguments::Arguments;
use crate::python::decimal::{Decimal, rounded};
use crate::python::error::failure;
use crate::python::functions::Values;
use crate::python::values::{float, type_name};

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("abs", |value: Value| absolute(&value));
    environment.add_filter("int", |value: Value, values: Values| -> Result<Value, Error> {
        let mut arguments = Arguments::new("int", &values.0);
        let default = arguments.take("default").unwrap_or_else(|| Value::from(0));
        let base = arguments.take_integer("base")?.unwrap_or(10);
        arguments.finish()?;
        if let Some(decimal) = Decimal::of(&value) {
            return Ok(decimal.to_integer().map_or(default, whole_number));
        }
        Ok(to_integer(&value, base).map_or(default, Value::from))
    });
    environment.add_filter("float", |value: Value, values: Values| -> Result<Value, Error> {
        let mut arguments = Arguments::new("float", &values.0);
        let default = arguments.take("default").unwrap_or_else(|| Value::from(0.0));
        arguments.finish()?;
        Ok(to_float(&value).map_or(default, Value::from))
    });
    environment.add_filter("round", |value: Value, values: Values| round(&value, &values.0));
    environment.add_filter(
        "filesizeformat",
        |value: Value, values: Values| -> Result<String, Error> {
            let mut arguments = Arguments::new("filesizeformat", &values.0);
            let is_binary = arguments.take_flag("binary");
            arguments.finish()?;
            let bytes = to_float(&value).ok_or_else(|| failure("filesizeformat takes a number"))?;
            Ok(file_size(bytes, is_binary))
        },
    );
}

fn whole_number(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| Value::from(number), Value::from)
}

fn absolute(value: &Value) -> Result<Value, Error> {
    if let Some(decimal) = Decimal::of(value) {
        return Ok(decimal.absolute().into());
    }
    if value.is_integer() || value.kind() == ValueKind::Bool {
        let number = i128::try_from(value.clone())?;
        return Ok(whole_number(number.abs()));
    }
    float(value)
        .map(|number| Value::from(number.abs()))
        .ok_or_else(|| failure(format!("bad operand type for abs(): '{}'", type_name(value))))
}

/// Python's `int(text, base)`: underscores between digits, a sign, a prefix that fits the base.
pub(crate) fn parse_integer(text: &str, base: i64) -> Option<i64> {
    let text = text.trim().replace('_', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(prefix, radix)| {
        Some((lower.strip_prefix(prefix)?, radix)).filter(|_| base == radix || base == 0)
    });
    let (digits, base) = prefixed.unwrap_or((&lower, if base == 0 { 10 } else { base }));
    let radix = u32::try_from(base).ok().filter(|radix| (2..=36).contains(radix))?;
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

fn to_integer(value: &Value, base: i64) -> Option<i64> {
    if let Some(text) = value.as_str() {
        // Jinja2 reads "1.5" by way of a float when it is no integer.
        return parse_integer(text, base).or_else(|| parse_float(text).and_then(whole));
    }
    if value.is_integer() || value.kind() == ValueKind::Bool {
        return i64::try_from(i128::try_from(value.clone()).ok()?).ok();
    }
    float(value).and_then(whole)
}

fn whole(number: f64) -> Option<i64> {
    (number.is_finite() && number.abs() < 9.2e18).then_some(number.trunc() as i64)
}

pub(crate) fn parse_float(text: &str) -> Option<f64> {
    text.trim().replace('_', "").parse().ok()
}

fn to_float(value: &Value) -> Option<f64> {
    if let Some(decimal) = Decimal::of(value) {
        return Some(decimal.to_float());
    }
    value.as_str().map_or_else(|| float(value), parse_float)
}

fn round(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("round", values);
    let precision = arguments.take_integer("precision")?.unwrap_or(0);
    let method = arguments.take_text("method")?.unwrap_or_else(|| "common".to_owned());
    arguments.finish()?;
    if let (Some(decimal), "common") = (Decimal::of(value), method.as_str()) {
        return Ok(rounded(decimal, precision).into());
    }
    let number = Decimal::of(value).map_or_else(|| float(value), |value| Some(value.to_float()));
    let number = number.ok_or_else(|| {
        failure(format!("type {} doesn't define __round__ method", type_name(value)))
    })?;
    let scale = 10_f64.powi(precision as i32);
    match method.as_str() {
        "common" if value.is_integer() && precision >= 0 => Ok(value.clone()),
        "common" if precision >= 0 => {
            // Exact decimal digits, ties to even: what CPython's `round` gives.
            let digits = usize::try_from(precision.min(300)).unwrap_or(0);
            Ok(Value::from(format!("{number:.digits$}").parse::<f64>().unwrap_or(number)))
        }
        "common" => {
            let rounded = (number * scale).round_ties_even() / scale;
            Ok(if value.is_integer() { Value::from(rounded as i64) } else { Value::from(rounded) })
        }
        // Adding zero makes the negative one, which Python's integers have not, a positive one.
        "ceil" => Ok(Value::from((number * scale).ceil() / scale + 0.0)),
        "floor" => Ok(Value::from((number * scale).floor() / scale)),
        _ => Err(failure("method must be common, ceil or floor")),
    }
}

fn file_size(bytes: f64, is_binary: bool) -> String {
    let (base, units) = if is_binary {
        (1024.0, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"])
    } else {
        (1000.0, ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"])
    };
    if (bytes - 1.0).abs() < f64::EPSILON {
        return "1 Byte".to_owned();
    }
    if bytes < base {
        return format!("{} Bytes", bytes as i64);
    }
    let mut unit = base;
    for name in units {
        if bytes < unit * base {
            return format!("{:.1} {name}", bytes / unit);
        }
        unit *= base;
    }
    format!("{:.1} {}", bytes * base / unit, units[units.len() - 1])
}
