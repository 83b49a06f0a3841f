//! Python's `Decimal`: what a column of numbers that are not all whole holds in a result table (dbt: `agate_helper`).
//!
//! Results have 28 digits and are rounded half to even, as in Python's default context.

mod arithmetic;
mod compare;
mod format;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Object, ObjectRepr, ValueKind};
use minijinja::{Error, State, Value};
use num_bigint::BigUint;

use super::arguments::Arguments;
use super::error::{failure, no_attribute};
pub(crate) use arithmetic::{add, divide, floor_divide, modulo, multiply, negate, subtract};
pub(crate) use compare::compare;
pub(crate) use format::{fixed, grouped, places_of, rounded};

/// The digits that a result keeps.
const PRECISION: usize = 28;

/// An exponent beyond this is refused before it makes a number of as many digits.
const LARGEST_EXPONENT: i64 = 200_000;

/// A decimal number: `digits` times ten to the power of `exponent`, or one of the values that are no numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Finite { digits: BigUint, exponent: i64 },
    Infinite,
    NotANumber,
}

impl Decimal {
    fn finite(is_negative: bool, digits: BigUint, exponent: i64) -> Self {
        Self { is_negative, kind: Kind::Finite { digits, exponent } }
    }

    /// A decimal of text as warehouses and Python write it: `1.10`, `-2E+3`, `NaN`, `Infinity`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (is_negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        match unsigned.to_ascii_lowercase().as_str() {
            "nan" => return Some(Self { is_negative: false, kind: Kind::NotANumber }),
            "inf" | "infinity" => return Some(Self { is_negative, kind: Kind::Infinite }),
            _ => {}
        }
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let written = [whole, fraction].concat();
        if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        (exponent.abs() <= LARGEST_EXPONENT).then_some(())?;
        Some(Self::finite(is_negative, written.parse().ok()?, exponent))
    }

    /// `Decimal(repr(number))`
    pub(crate) fn of_float(number: f64) -> Option<Self> {
        Self::parse(&super::repr::float_text(number))
    }

    /// The decimal that a template's value is.
    pub(crate) fn of(value: &Value) -> Option<&Self> {
        value.downcast_object_ref::<Self>()
    }

    /// The decimal that an operand counts as: decimals themselves, integers and truth values, but no floats.
    fn of_operand(value: &Value) -> Option<Self> {
        if let Some(decimal) = Self::of(value) {
            return Some(decimal.clone());
        }
        let is_whole = value.is_integer() || value.kind() == ValueKind::Bool;
        let number = is_whole.then(|| i128::try_from(value.clone()).ok())??;
        Some(Self::finite(number < 0, number.unsigned_abs().into(), 0))
    }

    /// The nearest float.
    pub(crate) fn to_float(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// `int(decimal)`: what is behind the point is dropped.
    pub(crate) fn to_integer(&self) -> Result<i128, Error> {
        let (digits, exponent) = match &self.kind {
            Kind::Finite { digits, exponent } => (digits, *exponent),
            Kind::Infinite => return Err(failure("cannot convert Infinity to integer")),
            Kind::NotANumber => return Err(failure("cannot convert NaN to integer")),
        };
        let whole = format::shifted(digits, exponent);
        let magnitude = i128::try_from(whole)
            .map_err(|_| failure("the number is too large: integers have 128 bits here"))?;
        Ok(if self.is_negative { -magnitude } else { magnitude })
    }

    /// The integer that it is, if it is one.
    pub(crate) fn to_whole(&self) -> Option<i128> {
        let whole = self.to_integer().ok()?;
        let other = Self::finite(whole < 0, whole.unsigned_abs().into(), 0);
        (compare::order(self, &other) == Some(Ordering::Equal)).then_some(whole)
    }

    /// Neither infinite nor not a number.
    pub(crate) fn is_finite(&self) -> bool {
        matches!(self.kind, Kind::Finite { .. })
    }

    fn is_zero(&self) -> bool {
        matches!(&self.kind, Kind::Finite { digits, .. } if *digits == BigUint::ZERO)
    }

    /// `abs(decimal)`
    pub(crate) fn absolute(&self) -> Self {
        Self { is_negative: false, kind: self.kind.clone() }.in_context()
    }

    /// A hundred times the number: what percents count.
    pub(crate) fn hundredfold(&self) -> Self {
        match &self.kind {
            Kind::Finite { digits, exponent } => {
                Self::finite(self.is_negative, digits.clone(), exponent + 2)
            }
            _ => self.clone(),
        }
    }

    /// `repr(decimal)`
    pub(crate) fn repr(&self) -> String {
        format!("Decimal('{self}')")
    }
}

impl From<Decimal> for Value {
    fn from(decimal: Decimal) -> Self {
        Self::from_object(decimal)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        format::write(self, formatter)
    }
}

impl Object for Decimal {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.is_zero()
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        // Sets and sorts need an order of all values, so NaN stands first here.
        let other = other.downcast_ref::<Self>()?;
        compare::order(self, other)
            .or_else(|| Some(self.to_float().is_nan().cmp(&other.to_float().is_nan()).reverse()))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(method, values);
        let is_finite = (**self).is_finite();
        let result = match method {
            "is_nan" => Value::from(self.kind == Kind::NotANumber),
            "is_finite" => Value::from(is_finite),
            "is_infinite" => Value::from(self.kind == Kind::Infinite),
            "is_zero" => Value::from(self.is_zero()),
            "is_signed" => Value::from(self.is_negative),
            "copy_abs" => Self { is_negative: false, kind: self.kind.clone() }.into(),
            "copy_negate" => {
                Self { is_negative: !self.is_negative, kind: self.kind.clone() }.into()
            }
            "to_integral_value" | "to_integral" => {
                if is_finite { format::integral(self) } else { (**self).clone() }.into()
            }
            "normalize" => format::normalized(self).into(),
            "quantize" => {
                let places = arguments.required("exp")?;
                let places = Self::of_operand(&places).map(|places| places.kind);
                let Some(Kind::Finite { exponent, .. }) = places else {
                    return Err(failure("conversion from that value to Decimal is not supported"));
                };
                rounded(self, -exponent).into()
            }
            _ => return Err(no_attribute(&Value::from_dyn_object(self.clone()), method)),
        };
        arguments.finish()?;
        Ok(result)
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        format::write(self, formatter)
    }
}
