//! The order of decimals among themselves and with other numbers.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};
use num_bigint::BigUint;

use super::format::power;
use super::{Decimal, Kind};
use crate::python::error::failure;

/// The order of two values of which one is a decimal, as numbers; NaN has none and refuses.
/// `None` when neither is a decimal, or when one is no number at all.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Result<Ordering, Error>> {
    if Decimal::of(left).is_none() && Decimal::of(right).is_none() {
        return None;
    }
    let ordering = order(&exact(left)?, &exact(right)?);
    Some(ordering.ok_or_else(|| failure("[<class 'decimal.InvalidOperation'>]")))
}

/// A number as a decimal of exactly its value.
fn exact(value: &Value) -> Option<Decimal> {
    if let Some(decimal) = Decimal::of_operand(value) {
        return Some(decimal);
    }
    if value.kind() != ValueKind::Number {
        return None;
    }
    let number = f64::try_from(value.clone()).ok()?;
    if !number.is_finite() {
        return Decimal::of_float(number);
    }
    let bits = number.to_bits();
    let stored_exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if stored_exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | (1 << 52), stored_exponent - 1075)
    };
    let mantissa = BigUint::from(mantissa);
    let size = u32::try_from(exponent.unsigned_abs()).unwrap_or_default();
    Some(if exponent >= 0 {
        Decimal::finite(number < 0.0, mantissa << size, 0)
    } else {
        // A half is five tenths.
        Decimal::finite(number < 0.0, mantissa * BigUint::from(5_u8).pow(size), exponent)
    })
}

/// The order of two decimals; `None` when one is not a number.
pub(super) fn order(left: &Decimal, right: &Decimal) -> Option<Ordering> {
    let class = |decimal: &Decimal| match (&decimal.kind, decimal.is_negative) {
        (Kind::NotANumber, _) => None,
        (Kind::Infinite, true) => Some(-2),
        (Kind::Infinite, false) => Some(2),
        (Kind::Finite { digits, .. }, _) if *digits == BigUint::ZERO => Some(0),
        (Kind::Finite { .. }, true) => Some(-1),
        (Kind::Finite { .. }, false) => Some(1),
    };
    let (left_class, right_class) = (class(left)?, class(right)?);
    let (
        Kind::Finite { digits, exponent },
        Kind::Finite { digits: other_digits, exponent: other_exponent },
    ) = (&left.kind, &right.kind)
    else {
        return Some(left_class.cmp(&right_class));
    };
    if left_class != right_class {
        return Some(left_class.cmp(&right_class));
    }
    let lowest = *exponent.min(other_exponent);
    let scaled =
        |digits: &BigUint, exponent: i64| digits * power((exponent - lowest).unsigned_abs());
    let ordering = scaled(digits, *exponent).cmp(&scaled(other_digits, *other_exponent));
    Some(if left.is_negative { ordering.reverse() } else { ordering })
}
