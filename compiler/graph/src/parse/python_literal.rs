//! Values written in Python: texts, numbers, truth values and collections of them; Python's `ast.literal_eval`.

use serde_json::{Map, Number, Value};

use super::python_calls::{group_end, has, inside, split, unwrapped};
use super::python_token::{Kind, Mistake, Token, mistake};

/// The value of an expression; `call` is where the call stands whose argument it is.
pub(super) fn literal(text: &str, tokens: &[Token], call: &Token) -> Result<Value, Mistake> {
    let tokens = unwrapped(tokens);
    let range = match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.range.start..last.range.end,
        _ => call.range.clone(),
    };
    if let Some(value) = value(text, tokens, call)? {
        return Ok(value);
    }
    let written = text.get(range.clone()).unwrap_or_default();
    mistake(
        format!("`{written}` is no literal, so that it cannot be read without running it"),
        range,
    )
}

fn value(text: &str, tokens: &[Token], call: &Token) -> Result<Option<Value>, Mistake> {
    let Some(first) = tokens.first() else { return Ok(None) };
    if tokens.iter().all(|token| matches!(token.kind, Kind::Text(_))) {
        let parts = tokens.iter().filter_map(|token| match &token.kind {
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        });
        return Ok(Some(Value::String(parts.collect())));
    }
    if let [token] = tokens {
        let word = &text[token.range.clone()];
        return Ok(match (&token.kind, word) {
            (Kind::Name, "True") => Some(Value::Bool(true)),
            (Kind::Name, "False") => Some(Value::Bool(false)),
            (Kind::Name, "None") => Some(Value::Null),
            (Kind::Number, _) => number(word, 1),
            _ => None,
        });
    }
    if let [sign, token] = tokens
        && token.kind == Kind::Number
        && (sign.is('-') || sign.is('+'))
    {
        return Ok(number(&text[token.range.clone()], if sign.is('-') { -1 } else { 1 }));
    }
    if group_end(tokens, 0) != tokens.len() {
        return Ok(None);
    }
    let parts = split(inside(tokens), ',');
    let is_dictionary = first.is('{') && parts.iter().all(|part| has(part, ':'));
    if is_dictionary {
        let mut entries = Map::new();
        for part in parts {
            let [key, value] = split(part, ':')[..] else { return Ok(None) };
            let key = match literal(text, key, call)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            entries.insert(key, literal(text, value, call)?);
        }
        return Ok(Some(Value::Object(entries)));
    }
    let items: Result<Vec<Value>, Mistake> =
        parts.into_iter().map(|part| literal(text, part, call)).collect();
    Ok(Some(Value::Array(items?)))
}

fn number(word: &str, sign: i64) -> Option<Value> {
    let word = word.replace('_', "").to_ascii_lowercase();
    let radix = match word.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    let digits = if radix == 10 { &*word } else { &word[2..] };
    if let Ok(whole) = i64::from_str_radix(digits, radix) {
        return Some(Value::from(whole * sign));
    }
    let float: f64 = word.parse().ok()?;
    let float = if sign < 0 { -float } else { float };
    Number::from_f64(float).map(Value::Number)
}
