//! Hundreds of templates, compared with what Jinja2 made of them (`tests_data/record.py`).

use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use super::decimal::Decimal;
use super::{from_json, modules};
use crate::language::{
    ContextScope, MacroLibrary, new_environment, render, render_native, root_context,
};

/// Variables keep their identity during a render, so that what changes them is seen.
struct Scope {
    variables: Vec<(String, Value)>,
}

impl ContextScope for Scope {
    fn lookup(&self, name: &str) -> Option<Value> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn lookup_builtin(&self, name: &str) -> Option<Value> {
        (name == "modules").then(|| modules(jiff::Timestamp::UNIX_EPOCH))
    }

    fn current_package(&self) -> &'static str {
        "root"
    }
}

#[test]
fn templates_give_what_jinja2_gives() {
    let library = Arc::new(MacroLibrary::new([], "root", &[]));
    let environment = new_environment(Arc::clone(&library));
    let cases: Vec<Json> =
        serde_json::from_str(include_str!("../../tests_data/expressions.json")).unwrap();
    let mut mismatches = Vec::new();
    for case in &cases {
        let variables = case["context"].as_object().into_iter().flatten();
        let decimals = case["decimals"].as_object().into_iter().flatten();
        let decimal = |value: &Json| Decimal::parse(value.as_str().unwrap()).unwrap().into();
        let variables = variables
            .map(|(name, value)| (name.clone(), from_json(value)))
            .chain(decimals.map(|(name, value)| (name.clone(), decimal(value))))
            .collect();
        let globals = root_context(Arc::clone(&library), Arc::new(Scope { variables }));
        let template = case["template"].as_str().unwrap();
        let rendered = if case["native"] == true {
            render_native(&environment, &library, "case", template, &globals)
                .map(|value| super::repr::to_repr(&value))
        } else {
            render(&environment, &library, "case", template, &globals)
        };
        let expected = case.get("ours").or_else(|| case.get("expected")).and_then(Json::as_str);
        let same = match (&rendered, expected) {
            (Ok(text), Some(expected)) => text == expected,
            (Err(_), expected) => expected.is_none(),
            (Ok(_), None) => false,
        };
        if !same {
            let wanted = expected.or(case["error"].as_str()).unwrap_or_default();
            let got = rendered.unwrap_or_else(|error| format!("error: {error}"));
            mismatches.push(format!("{template}\n    Jinja2: {wanted:?}\n    here:   {got:?}"));
        }
    }
    assert!(
        mismatches.is_empty(),
        "{} of {} differ:\n{}",
        mismatches.len(),
        cases.len(),
        mismatches.join("\n")
    );
}

#[test]
fn lists_that_contain_themselves_can_be_compared() {
    let (first, second) = (super::PyList::default(), super::PyList::default());
    let (first, second) = (Value::from(first), Value::from(second));
    for (list, other) in [(&first, &second), (&second, &first)] {
        list.downcast_object_ref::<super::PyList>().unwrap().push(other.clone());
    }
    assert!(first == second);
    assert_eq!(first.to_string(), "[[[...]]]");
}
