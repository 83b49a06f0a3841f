//! Integers of more than 128 bits, which templates write as literals and print; nothing computes with them.

use std::fmt::{self, Write};
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, Value};

use super::error::failure;

/// Digits that one part holds, in the base of a thousand million.
const PART: u64 = 1_000_000_000;

/// An integer as its decimal digits.
#[derive(Debug)]
struct LongInteger {
    digits: String,
}

impl Object for LongInteger {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.digits)
    }
}

/// The digits of an integer in lower case and without underscores, and their base by what stands before them.
pub(crate) fn digits_and_base(written: &str) -> (&str, u32) {
    match written.get(..2) {
        Some("0x") => (&written[2..], 16),
        Some("0o") => (&written[2..], 8),
        Some("0b") => (&written[2..], 2),
        _ => (written, 10),
    }
}

/// The value of a literal such as `0xa020d57ab0448ef74115c112d18a9c231cc86000`.
pub(crate) fn long_integer(written: &str) -> Result<Value, Error> {
    let written = written.replace('_', "").to_ascii_lowercase();
    let (digits, base) = digits_and_base(&written);
    let mut parts = vec![0_u64];
    for digit in digits.chars() {
        let mut carry = digit.to_digit(base).map(u64::from).ok_or_else(|| {
            failure(format!("invalid literal for int() with base {base}: '{digits}'"))
        })?;
        for part in &mut parts {
            let value = *part * u64::from(base) + carry;
            *part = value % PART;
            carry = value / PART;
        }
        if carry > 0 {
            parts.push(carry);
        }
    }
    let mut text = String::new();
    for part in parts.iter().rev() {
        // Writing into a string does not fail.
        let _ = if text.is_empty() { write!(text, "{part}") } else { write!(text, "{part:09}") };
    }
    Ok(Value::from_object(LongInteger { digits: text }))
}
