//! The arguments of a call, taken by position or by name as Python does.

use minijinja::{Error, Value};

use super::error::failure;
use super::values::integer;

/// The arguments of one call. Take what the function knows, then call [`Arguments::finish`].
#[derive(Debug)]
pub struct Arguments<'call> {
    function: &'call str,
    positional: &'call [Value],
    keyword: Vec<(Value, Value)>,
    taken: usize,
}

/// What the engine passes to a call, split into what was given by position and what by name.
pub(crate) fn split(values: &[Value]) -> (&[Value], impl Iterator<Item = (Value, Value)>) {
    let (positional, keywords) = match values.split_last() {
        Some((last, rest)) if last.is_kwargs() => (rest, last.as_object()),
        _ => (values, None),
    };
    let pairs = keywords.and_then(minijinja::value::DynObject::try_iter_pairs);
    (positional, pairs.into_iter().flatten())
}

impl<'call> Arguments<'call> {
    /// Splits what the engine passes; `function` is named in messages.
    pub fn new(function: &'call str, values: &'call [Value]) -> Self {
        let (positional, keyword) = split(values);
        Self { function, positional, keyword: keyword.collect(), taken: 0 }
    }

    /// The next parameter, by position or under its name.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.taken;
        self.taken += 1;
        match self.positional.get(index) {
            Some(value) => Some(value.clone()),
            None => self.take_keyword(name),
        }
    }

    /// A parameter that can only be given by name.
    pub fn take_keyword(&mut self, name: &str) -> Option<Value> {
        let index = self.keyword.iter().position(|(keyword, _)| keyword.as_str() == Some(name))?;
        Some(self.keyword.remove(index).1)
    }

    /// The next parameter, which must be there.
    pub fn required(&mut self, name: &str) -> Result<Value, Error> {
        self.take(name).ok_or_else(|| {
            failure(format!("{}() missing required argument '{name}'", self.function))
        })
    }

    /// The next parameter as text, which must be there.
    pub fn required_text(&mut self, name: &str) -> Result<String, Error> {
        let value = self.required(name)?;
        text_of(self.function, name, &value)
    }

    /// The next parameter as text; none counts as missing.
    pub fn take_text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.take(name) {
            None => Ok(None),
            Some(value) if value.is_none() => Ok(None),
            Some(value) => text_of(self.function, name, &value).map(Some),
        }
    }

    /// The next parameter as an integer; none counts as missing.
    pub fn take_integer(&mut self, name: &str) -> Result<Option<i64>, Error> {
        match self.take(name) {
            None => Ok(None),
            Some(value) if value.is_none() => Ok(None),
            Some(value) => integer(&value).map(Some),
        }
    }

    /// The next parameter as a truth value.
    pub fn take_flag(&mut self, name: &str) -> bool {
        self.take(name).is_some_and(|value| value.is_true())
    }

    /// All positional arguments that are left.
    pub fn rest(&mut self) -> &'call [Value] {
        let rest = self.positional.get(self.taken..).unwrap_or_default();
        self.taken = self.positional.len();
        rest
    }

    /// All keyword arguments that are left.
    pub fn keywords(&mut self) -> Vec<(String, Value)> {
        let named = |(name, value): (Value, Value)| Some((name.as_str()?.to_owned(), value));
        std::mem::take(&mut self.keyword).into_iter().filter_map(named).collect()
    }

    /// Refuses what nobody took.
    pub fn finish(self) -> Result<(), Error> {
        if self.positional.len() > self.taken {
            return Err(failure(format!(
                "{}() takes at most {} argument{} ({} given)",
                self.function,
                self.taken,
                if self.taken == 1 { "" } else { "s" },
                self.positional.len()
            )));
        }
        match self.keyword.first() {
            Some((name, _)) => Err(failure(format!(
                "{}() got an unexpected keyword argument '{name}'",
                self.function
            ))),
            None => Ok(()),
        }
    }
}

fn text_of(function: &str, name: &str, value: &Value) -> Result<String, Error> {
    value.as_str().map(str::to_owned).ok_or_else(|| {
        failure(format!(
            "{function}() argument '{name}' must be str, not {}",
            super::values::type_name(value)
        ))
    })
}
