//! Python's two ways to format: `'%s' % x` and `'{}'.format(x)`.

mod fields;
mod printf;
mod spec;

pub(crate) use fields::str_format;
pub(crate) use printf::printf;

/// Widths and precisions beyond this are refused.
const WIDEST: usize = 100_000;

/// `12.5` in the notation `f`, `e` or `g`, without its sign.
fn float_digits(number: f64, notation: char, precision: usize, keep_zeros: bool) -> String {
    let number = number.abs();
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return "inf".to_owned();
    }
    match notation.to_ascii_lowercase() {
        'e' => scientific(number, precision),
        'g' => {
            let precision = precision.max(1);
            let written = scientific(number, precision - 1);
            let exponent: i32 = written
                .split_once('e')
                .and_then(|(_, exponent)| exponent.parse().ok())
                .unwrap_or(0);
            if exponent < -4 || exponent >= precision as i32 {
                let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "+00"));
                let mantissa = if keep_zeros { mantissa } else { without_zeros(mantissa) };
                return format!("{mantissa}e{exponent}");
            }
            let decimals = usize::try_from(precision as i32 - 1 - exponent).unwrap_or(0);
            let fixed = format!("{number:.decimals$}");
            if keep_zeros { fixed } else { without_zeros(&fixed).to_owned() }
        }
        _ => format!("{number:.precision$}"),
    }
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Rust writes `1.5e4`, C `1.5e+04`.
fn scientific(number: f64, precision: usize) -> String {
    let written = format!("{number:.precision$e}");
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// Puts `,` or `_` between groups of digits before the point.
fn grouped(digits: &str, separator: char, size: usize) -> String {
    let whole =
        digits.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(digits.len());
    let mut result = String::with_capacity(digits.len() + whole / size);
    for (index, digit) in digits[..whole].chars().enumerate() {
        if index > 0 && (whole - index) % size == 0 {
            result.push(separator);
        }
        result.push(digit);
    }
    result + &digits[whole..]
}
