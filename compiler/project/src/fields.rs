//! Typed fields out of YAML: the value when it is of the right kind, a diagnostic with its place when it is not.

use indexmap::IndexMap;
use serde_json::Value;
use source::suggest;
use source::yaml::{self, Mapping, Node, Yaml};
use source::{Code, Diagnostic, Severity, Span, Spanned, codes};

/// Reads fields and collects what is wrong with them, so that reading goes on.
#[derive(Debug)]
pub(crate) struct FieldReader {
    /// The code of values of a wrong kind.
    pub(crate) code: Code,
    /// What was found wrong.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl FieldReader {
    pub(crate) fn new(code: Code) -> Self {
        Self { code, diagnostics: Vec::new() }
    }

    /// Says that a value is of a wrong kind.
    pub(crate) fn expected(&mut self, key: &str, expected: &str, node: &Node) {
        let message = format!("`{key}` must be {expected}, not {}", node.kind());
        self.diagnostics.push(Diagnostic::error(self.code, message).at(node.span));
    }

    /// Says that a needed key is missing.
    pub(crate) fn missing(&mut self, key: &str, what: &str, span: Span) {
        self.diagnostics
            .push(Diagnostic::error(self.code, format!("{what} needs `{key}`")).at(span));
    }

    /// An error with words of its own.
    pub(crate) fn error(&mut self, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::error(self.code, message).at(span));
    }

    /// A text. Numbers and truth values are errors, and are read as Python would print them.
    pub(crate) fn text(&mut self, mapping: &Mapping, key: &str) -> Option<String> {
        self.spanned_text(mapping, key).map(|text| text.value)
    }

    /// A text with its place.
    pub(crate) fn spanned_text(&mut self, mapping: &Mapping, key: &str) -> Option<Spanned<String>> {
        let node = mapping.get(key)?;
        match &node.value {
            Yaml::Null => None,
            Yaml::Text(text) => Some(Spanned::new(text.clone(), node.span)),
            _ => {
                self.expected(key, "a text", node);
                let hint = "put it in quotes".to_owned();
                let text = node.to_python_text().map(|text| Spanned::new(text, node.span))?;
                if let Some(last) = self.diagnostics.last_mut() {
                    last.hint = Some(hint);
                }
                Some(text)
            }
        }
    }

    /// A day or a moment, as ISO writes it.
    pub(crate) fn date(&mut self, mapping: &Mapping, key: &str) -> Option<String> {
        let node = mapping.get(key)?;
        let read = match &node.value {
            Yaml::Null => return None,
            Yaml::Timestamp(text) => Some(text.clone()),
            // Seconds may be left out in a text.
            Yaml::Text(text) => yaml::iso_timestamp(text)
                .or_else(|| yaml::iso_timestamp(&format!("{}:00", text.trim()))),
            _ => None,
        };
        if read.is_none() {
            let message = format!("`{key}` must be a date such as `2030-12-31`");
            self.diagnostics.push(Diagnostic::error(self.code, message).at(node.span));
        }
        read
    }

    /// A text, or a number or truth value as text, which is right here too.
    pub(crate) fn scalar_text(&mut self, mapping: &Mapping, key: &str) -> Option<String> {
        let node = mapping.get(key)?;
        if node.is_null() {
            return None;
        }
        let text = node.to_python_text();
        if text.is_none() {
            self.expected(key, "a text", node);
        }
        text
    }

    /// A truth value.
    pub(crate) fn boolean(&mut self, mapping: &Mapping, key: &str) -> Option<bool> {
        let node = mapping.get(key)?;
        if !node.is_null() && node.as_bool().is_none() {
            self.expected(key, "a truth value", node);
        }
        node.as_bool()
    }

    /// A list of texts; one text alone is a list of one. Nothing when the key is absent or null.
    pub(crate) fn texts(&mut self, mapping: &Mapping, key: &str) -> Option<Vec<String>> {
        Some(self.spanned_texts(mapping, key)?.into_iter().map(|text| text.value).collect())
    }

    /// A list of texts where one text alone is no list. Nothing when the key is absent or null.
    pub(crate) fn listed_texts(&mut self, mapping: &Mapping, key: &str) -> Option<Vec<String>> {
        if mapping.get(key).is_none_or(Node::is_null) {
            return None;
        }
        let mut texts = Vec::new();
        for item in self.list(mapping, key) {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.expected(key, "a list of texts", item),
            }
        }
        Some(texts)
    }

    /// A list of texts with their places.
    pub(crate) fn spanned_texts(
        &mut self,
        mapping: &Mapping,
        key: &str,
    ) -> Option<Vec<Spanned<String>>> {
        let node = mapping.get(key)?;
        match &node.value {
            Yaml::Null => None,
            Yaml::Text(text) | Yaml::Timestamp(text) => {
                Some(vec![Spanned::new(text.clone(), node.span)])
            }
            Yaml::Sequence(items) => {
                let mut texts = Vec::with_capacity(items.len());
                for item in items {
                    match item.to_python_text() {
                        Some(text) if !item.is_null() => texts.push(Spanned::new(text, item.span)),
                        _ => self.expected(key, "a list of texts", item),
                    }
                }
                Some(texts)
            }
            _ => {
                self.expected(key, "a list of texts", node);
                None
            }
        }
    }

    /// The items of a list; none when the key is absent or null.
    pub(crate) fn list<'a>(&mut self, mapping: &'a Mapping, key: &str) -> &'a [Node] {
        let Some(node) = mapping.get(key) else { return &[] };
        match &node.value {
            Yaml::Sequence(items) => items,
            Yaml::Null => &[],
            _ => {
                self.expected(key, "a list", node);
                &[]
            }
        }
    }

    /// The items of a list that are mappings, each with its place.
    pub(crate) fn mappings<'a>(
        &mut self,
        mapping: &'a Mapping,
        key: &str,
    ) -> Vec<(&'a Mapping, Span)> {
        let mut found = Vec::new();
        for item in self.list(mapping, key) {
            match &item.value {
                Yaml::Mapping(entries) => found.push((entries, item.span)),
                _ => self.expected(key, "a list of mappings", item),
            }
        }
        found
    }

    /// The mapping of a key.
    pub(crate) fn mapping<'a>(&mut self, mapping: &'a Mapping, key: &str) -> Option<&'a Mapping> {
        let node = mapping.get(key)?;
        if !node.is_null() && node.as_mapping().is_none() {
            self.expected(key, "a mapping", node);
        }
        node.as_mapping()
    }

    /// The mapping of a key as JSON values; empty when absent.
    pub(crate) fn values(&mut self, mapping: &Mapping, key: &str) -> IndexMap<String, Value> {
        self.mapping(mapping, key).map(to_values).unwrap_or_default()
    }

    /// The truth values of a mapping, such as `quoting`.
    pub(crate) fn booleans(&mut self, mapping: &Mapping, key: &str) -> IndexMap<String, bool> {
        let Some(inner) = self.mapping(mapping, key) else { return IndexMap::new() };
        let keys: Vec<&str> = inner.keys().collect();
        keys.into_iter()
            .filter_map(|name| Some((name.to_owned(), self.boolean(inner, name)?)))
            .collect()
    }

    /// Warns of keys that mean nothing. `what` says where they stand, such as "a model".
    pub(crate) fn unknown_keys(&mut self, mapping: &Mapping, known: &[&str], what: &str) {
        self.unknown_keys_as(codes::UNKNOWN_KEY, mapping, known, what);
    }

    /// Refuses keys that mean nothing, where dbt's classes allow none of the user's own.
    pub(crate) fn refused_keys(&mut self, mapping: &Mapping, known: &[&str], what: &str) {
        let first = self.diagnostics.len();
        self.unknown_keys_as(self.code, mapping, known, what);
        for diagnostic in &mut self.diagnostics[first..] {
            diagnostic.severity = Severity::Error;
        }
    }

    /// The same for the mapping of a key, if there is one.
    pub(crate) fn refused_keys_of(&mut self, mapping: &Mapping, key: &str, known: &[&str]) {
        if let Some(inner) = mapping.get(key).and_then(Node::as_mapping) {
            self.refused_keys(inner, known, &format!("`{key}`"));
        }
    }

    /// Refuses `null` for keys that may be left out, but not be empty.
    pub(crate) fn refused_nulls(&mut self, mapping: &Mapping, keys: &[&str]) {
        for (key, span, _) in
            mapping.iter().filter(|(key, _, value)| keys.contains(key) && value.is_null())
        {
            let message = format!("`{key}` has no value");
            let diagnostic = Diagnostic::error(self.code, message).at(span);
            self.diagnostics.push(diagnostic.hint("remove the key, or give it a value"));
        }
    }

    /// Warns of keys at the top of a file that mean nothing.
    pub(crate) fn unknown_top_keys(&mut self, mapping: &Mapping, known: &[&str], what: &str) {
        self.unknown_keys_as(codes::DEPRECATED_TOP_KEY, mapping, known, what);
    }

    fn unknown_keys_as(&mut self, code: Code, mapping: &Mapping, known: &[&str], what: &str) {
        for (key, span, _) in mapping.iter() {
            if !known.contains(&key) {
                self.diagnostics.push(unknown_key(code, key, span, known, what));
            }
        }
    }

    /// Tells of keys that dbt's schemas have below `config` alone; they work as before.
    pub(crate) fn keys_of_config(&mut self, mapping: &Mapping, keys: &[&str], what: &str) {
        for (key, span, _) in mapping.iter().filter(|(key, ..)| keys.contains(key)) {
            let message = format!("`{key}` of {what} stands beside `config`");
            let warning = Diagnostic::warning(codes::DEPRECATED_PROPERTY, message).at(span);
            self.diagnostics.push(warning.hint("move it into `config:`"));
        }
    }

    /// Warns of keys that are nearly, but not quite, a known one; others are the user's own.
    pub(crate) fn misspelt_keys(&mut self, mapping: &Mapping, known: &[&str], what: &str) {
        self.misspelt_keys_as(codes::UNKNOWN_KEY, mapping, known, what);
    }

    /// The same for keys of `config`.
    pub(crate) fn misspelt_config_keys(&mut self, mapping: &Mapping, known: &[&str], what: &str) {
        self.misspelt_keys_as(codes::DEPRECATED_CONFIG_KEY_UNKNOWN, mapping, known, what);
    }

    fn misspelt_keys_as(&mut self, code: Code, mapping: &Mapping, known: &[&str], what: &str) {
        for (key, span, _) in mapping.iter() {
            if !known.contains(&key) && is_misspelt(key, known) {
                self.diagnostics.push(unknown_key(code, key, span, known, what));
            }
        }
    }
}

/// Whether a key is one slip away from a known one.
fn is_misspelt(key: &str, known: &[&str]) -> bool {
    key.len() >= 5
        && known.iter().any(|name| name.len() >= 5 && strsim::osa_distance(key, name) == 1)
}

fn unknown_key(code: Code, key: &str, span: Span, known: &[&str], what: &str) -> Diagnostic {
    let diagnostic = Diagnostic::warning(code, format!("`{key}` means nothing in {what}")).at(span);
    let hint = suggest::did_you_mean(key, known.iter().copied());
    let is_config = crate::config::is_config_key(key) && known.contains(&"config");
    diagnostic.hint_optional(match hint {
        None if is_config => Some(format!("`{key}` belongs under `config`")),
        hint => hint,
    })
}

/// The variables of a mapping, which keep their dates.
pub(crate) fn to_variables(mapping: &Mapping) -> IndexMap<String, Value> {
    source::yaml::marked::entries(mapping).collect()
}

/// A mapping as JSON values.
pub(crate) fn to_values(mapping: &Mapping) -> IndexMap<String, Value> {
    mapping.iter().map(|(key, _, value)| (key.to_owned(), value.to_json())).collect()
}
