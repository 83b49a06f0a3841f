//! `+`, `-`, `*`, `/`, `//` and `%` on decimals and integers; `None` when no decimal is involved, or another type is.

use minijinja::{Error, Value};
use num_bigint::{BigInt, BigUint, Sign};

use super::format::power;
use super::{Decimal, Kind, PRECISION};
use crate::python::error::failure;

type Answer = Option<Result<Value, Error>>;

/// Python's names for what a calculation refuses.
fn signal(name: &str) -> Error {
    failure(format!("[<class 'decimal.{name}'>]"))
}

fn operands(left: &Value, right: &Value) -> Option<(Decimal, Decimal)> {
    if Decimal::of(left).is_none() && Decimal::of(right).is_none() {
        return None;
    }
    Some((Decimal::of_operand(left)?, Decimal::of_operand(right)?))
}

/// The parts of two finite numbers, or what the result is when one is not finite.
struct Finite<'a> {
    left: &'a BigUint,
    left_exponent: i64,
    right: &'a BigUint,
    right_exponent: i64,
}

fn finite<'a>(left: &'a Decimal, right: &'a Decimal) -> Option<Finite<'a>> {
    match (&left.kind, &right.kind) {
        (
            Kind::Finite { digits: left, exponent: left_exponent },
            Kind::Finite { digits: right, exponent: right_exponent },
        ) => Some(Finite {
            left,
            left_exponent: *left_exponent,
            right,
            right_exponent: *right_exponent,
        }),
        _ => None,
    }
}

fn not_a_number() -> Decimal {
    Decimal { is_negative: false, kind: Kind::NotANumber }
}

fn infinite(is_negative: bool) -> Decimal {
    Decimal { is_negative, kind: Kind::Infinite }
}

fn is_nan(left: &Decimal, right: &Decimal) -> bool {
    left.kind == Kind::NotANumber || right.kind == Kind::NotANumber
}

pub(crate) fn add(left: &Value, right: &Value) -> Answer {
    let (left, right) = operands(left, right)?;
    Some(sum(&left, &right).map(Value::from))
}

pub(crate) fn subtract(left: &Value, right: &Value) -> Answer {
    let (left, mut right) = operands(left, right)?;
    right.is_negative = !right.is_negative;
    Some(sum(&left, &right).map(Value::from))
}

/// `-decimal`
pub(crate) fn negate(value: &Value) -> Option<Value> {
    let decimal = Decimal::of(value)?.clone();
    let is_negative = !decimal.is_negative && !decimal.is_zero();
    Some(Decimal { is_negative, kind: decimal.kind }.in_context().into())
}

fn sum(left: &Decimal, right: &Decimal) -> Result<Decimal, Error> {
    let Some(parts) = finite(left, right) else {
        return match (&left.kind, &right.kind) {
            _ if is_nan(left, right) => Ok(not_a_number()),
            (Kind::Infinite, Kind::Infinite) if left.is_negative != right.is_negative => {
                Err(signal("InvalidOperation"))
            }
            (Kind::Infinite, _) => Ok(left.clone()),
            _ => Ok(right.clone()),
        };
    };
    let exponent = parts.left_exponent.min(parts.right_exponent);
    let scaled = |digits: &BigUint, own: i64, is_negative: bool| {
        let sign = if is_negative { Sign::Minus } else { Sign::Plus };
        BigInt::from_biguint(sign, digits * power((own - exponent).unsigned_abs()))
    };
    let total = scaled(parts.left, parts.left_exponent, left.is_negative)
        + scaled(parts.right, parts.right_exponent, right.is_negative);
    let (sign, digits) = total.into_parts();
    let is_negative = match sign {
        Sign::Minus => true,
        Sign::NoSign => left.is_negative && right.is_negative,
        Sign::Plus => false,
    };
    Ok(Decimal::finite(is_negative, digits, exponent).in_context())
}

pub(crate) fn multiply(left: &Value, right: &Value) -> Answer {
    let (left, right) = operands(left, right)?;
    let is_negative = left.is_negative != right.is_negative;
    let product = match finite(&left, &right) {
        Some(parts) => Ok(Decimal::finite(
            is_negative,
            parts.left * parts.right,
            parts.left_exponent + parts.right_exponent,
        )
        .in_context()),
        None if is_nan(&left, &right) => Ok(not_a_number()),
        None if left.is_zero() || right.is_zero() => Err(signal("InvalidOperation")),
        None => Ok(infinite(is_negative)),
    };
    Some(product.map(Value::from))
}

pub(crate) fn divide(left: &Value, right: &Value) -> Answer {
    let (left, right) = operands(left, right)?;
    let is_negative = left.is_negative != right.is_negative;
    let Some(parts) = finite(&left, &right) else {
        let quotient = match (&left.kind, &right.kind) {
            _ if is_nan(&left, &right) => Ok(not_a_number()),
            (Kind::Infinite, Kind::Infinite) => Err(signal("InvalidOperation")),
            (Kind::Infinite, _) => Ok(infinite(is_negative)),
            _ => Ok(Decimal::finite(is_negative, BigUint::ZERO, 0)),
        };
        return Some(quotient.map(Value::from));
    };
    if right.is_zero() {
        let name = if left.is_zero() { "DivisionUndefined" } else { "DivisionByZero" };
        return Some(Err(signal(name)));
    }
    let ideal = parts.left_exponent - parts.right_exponent;
    if left.is_zero() {
        return Some(Ok(Decimal::finite(is_negative, BigUint::ZERO, ideal).into()));
    }
    // As many digits as the result may have and one more, which tells how to round.
    let length = |digits: &BigUint| digits.to_string().len() as i64;
    let shift = length(parts.right) - length(parts.left) + PRECISION as i64 + 1;
    let (above, below) = if shift >= 0 {
        (parts.left * power(shift.unsigned_abs()), parts.right.clone())
    } else {
        (parts.left.clone(), parts.right * power(shift.unsigned_abs()))
    };
    let (mut digits, rest) = (&above / &below, &above % &below);
    let mut exponent = ideal - shift;
    if rest == BigUint::ZERO {
        while exponent < ideal && &digits % 10_u8 == BigUint::ZERO {
            digits /= 10_u8;
            exponent += 1;
        }
    } else if &digits % 5_u8 == BigUint::ZERO {
        digits += 1_u8;
    }
    Some(Ok(Decimal::finite(is_negative, digits, exponent).in_context().into()))
}

/// `left // right`, which drops what is behind the point, and `left % right`, which has the sign of `left`.
fn divided(left: &Decimal, right: &Decimal, by_zero: &str) -> Result<(Decimal, Decimal), Error> {
    let is_negative = left.is_negative != right.is_negative;
    let Some(parts) = finite(left, right) else {
        return match (&left.kind, &right.kind) {
            _ if is_nan(left, right) => Ok((not_a_number(), not_a_number())),
            (Kind::Infinite, _) => Err(signal("InvalidOperation")),
            _ => Ok((Decimal::finite(is_negative, BigUint::ZERO, 0), left.clone())),
        };
    };
    if right.is_zero() {
        return Err(signal(if left.is_zero() { "DivisionUndefined" } else { by_zero }));
    }
    let exponent = parts.left_exponent.min(parts.right_exponent);
    let scaled = |digits: &BigUint, own: i64| digits * power((own - exponent).unsigned_abs());
    let above = scaled(parts.left, parts.left_exponent);
    let below = scaled(parts.right, parts.right_exponent);
    let quotient = &above / &below;
    if quotient.to_string().len() > PRECISION {
        return Err(signal("DivisionImpossible"));
    }
    let rest = Decimal::finite(left.is_negative, above % below, exponent).in_context();
    Ok((Decimal::finite(is_negative, quotient, 0), rest))
}

pub(crate) fn floor_divide(left: &Value, right: &Value) -> Answer {
    let (left, right) = operands(left, right)?;
    Some(divided(&left, &right, "DivisionByZero").map(|(quotient, _)| quotient.into()))
}

pub(crate) fn modulo(left: &Value, right: &Value) -> Answer {
    let (left, right) = operands(left, right)?;
    Some(divided(&left, &right, "InvalidOperation").map(|(_, rest)| rest.into()))
}
