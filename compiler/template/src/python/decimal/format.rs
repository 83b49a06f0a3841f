//! How decimals print, and the roundings of a decimal to a number of digits or places.

use std::fmt;

use num_bigint::BigUint;

use super::{Decimal, Kind, PRECISION};

/// Ten to a power.
pub(super) fn power(exponent: u64) -> BigUint {
    BigUint::from(10_u8).pow(u32::try_from(exponent).unwrap_or(u32::MAX))
}

/// `digits` times ten to the power of `exponent`, without what is behind the point.
pub(super) fn shifted(digits: &BigUint, exponent: i64) -> BigUint {
    if exponent >= 0 {
        digits * power(exponent.unsigned_abs())
    } else {
        digits / power(exponent.unsigned_abs())
    }
}

/// `digits` without the last `count`, rounded half to even.
fn without_last(digits: &BigUint, count: u64) -> BigUint {
    let unit = power(count);
    let (quotient, rest) = (digits / &unit, digits % &unit);
    let twice = rest * 2_u8;
    let is_up = twice > unit || (twice == unit && quotient.bit(0));
    quotient + u8::from(is_up)
}

impl Decimal {
    /// The number with no more digits than a result may have.
    pub(super) fn in_context(self) -> Self {
        let Kind::Finite { digits, exponent } = &self.kind else { return self };
        let length = digits.to_string().len();
        let Some(excess) = length.checked_sub(PRECISION).filter(|excess| *excess > 0) else {
            return self;
        };
        let shorter = without_last(digits, excess as u64);
        let result = Self::finite(self.is_negative, shorter, exponent + excess as i64);
        // 99…9 has become 100…0, which is a digit too long.
        result.in_context()
    }
}

/// `round(decimal, places)`: exactly as many places, ties to even.
pub(crate) fn rounded(decimal: &Decimal, places: i64) -> Decimal {
    let Kind::Finite { digits, exponent } = &decimal.kind else { return decimal.clone() };
    let wanted = places.saturating_neg().clamp(-1_000, 1_000);
    let digits = if *exponent >= wanted {
        digits * power((exponent - wanted).unsigned_abs())
    } else {
        without_last(digits, (wanted - exponent).unsigned_abs())
    };
    Decimal::finite(decimal.is_negative, digits, wanted)
}

/// The nearest whole number; one that has no places stays as it is.
pub(super) fn integral(decimal: &Decimal) -> Decimal {
    match &decimal.kind {
        Kind::Finite { exponent, .. } if *exponent < 0 => rounded(decimal, 0),
        _ => decimal.clone(),
    }
}

/// Without zeros at the end.
pub(super) fn normalized(decimal: &Decimal) -> Decimal {
    let decimal = decimal.clone().in_context();
    let Kind::Finite { digits, exponent } = &decimal.kind else { return decimal };
    if *digits == BigUint::ZERO {
        return Decimal::finite(decimal.is_negative, BigUint::ZERO, 0);
    }
    let written = digits.to_string();
    let kept = written.trim_end_matches('0');
    let zeros = written.len() - kept.len();
    Decimal::finite(decimal.is_negative, shifted(digits, -(zeros as i64)), exponent + zeros as i64)
}

/// The digits of a decimal with `places` places, without sign and exponent: `12.50`.
pub(crate) fn fixed(decimal: &Decimal, places: usize) -> String {
    let rounded = rounded(decimal, places as i64);
    let Kind::Finite { digits, .. } = &rounded.kind else { return unsigned(&rounded) };
    let written = format!("{:0>1$}", digits.to_string(), places + 1);
    let (whole, fraction) = written.split_at(written.len() - places);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// The places that a number needs.
pub(crate) fn places_of(decimal: &Decimal) -> usize {
    match normalized(decimal).kind {
        Kind::Finite { exponent, .. } => usize::try_from(-exponent).unwrap_or(0),
        _ => 0,
    }
}

/// The number with `places` places and commas between thousands: `-1,234.50`.
pub(crate) fn grouped(decimal: &Decimal, places: usize) -> String {
    let written = fixed(decimal, places);
    let whole = written.find('.').unwrap_or(written.len());
    let mut text = if decimal.is_negative { "-".to_owned() } else { String::new() };
    for (at, character) in written.chars().enumerate() {
        if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(character);
    }
    text
}

fn unsigned(decimal: &Decimal) -> String {
    let text = decimal.to_string();
    text.strip_prefix('-').map(str::to_owned).unwrap_or(text)
}

/// Writes `str(decimal)`: with an exponent where Python writes one.
pub(super) fn write(decimal: &Decimal, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sign = if decimal.is_negative { "-" } else { "" };
    let (digits, exponent) = match &decimal.kind {
        Kind::Finite { digits, exponent } => (digits.to_string(), *exponent),
        Kind::Infinite => return write!(formatter, "{sign}Infinity"),
        Kind::NotANumber => return formatter.write_str("NaN"),
    };
    let before_point = exponent + digits.len() as i64;
    let point = if exponent <= 0 && before_point > -6 { before_point } else { 1 };
    formatter.write_str(sign)?;
    let position = usize::try_from(point).unwrap_or(0);
    if position == 0 {
        let zeros = usize::try_from(-point).unwrap_or(0);
        write!(formatter, "0.{}{digits}", "0".repeat(zeros))?;
    } else if position >= digits.len() {
        write!(formatter, "{digits}{}", "0".repeat(position - digits.len()))?;
    } else {
        let (whole, fraction) = digits.split_at(position);
        write!(formatter, "{whole}.{fraction}")?;
    }
    if before_point == point { Ok(()) } else { write!(formatter, "E{:+}", before_point - point) }
}
