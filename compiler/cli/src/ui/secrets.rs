//! Secrets taken out of what is said and written.
//!
//! A secret is hidden by replacing its text, and a text may be anything: `12`, `name` or `true` are passwords too, and
//! words of every manifest. So a text that could be a word is hidden where only a secret can stand, and files keep it.

use std::borrow::Cow;

/// What stands in the place of a secret, as in dbt.
const STARS: &str = "*****";

/// Texts that are shorter could be any word.
const LEAST_LENGTH: usize = 6;

/// Texts of this length are no words, whatever they are made of.
const LENGTH_OF_NO_WORD: usize = 16;

/// The texts that must never be seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    /// The longest first: a secret inside another must not leave half of it.
    all: Vec<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Secret {
    text: String,
    /// As it stands in a text of JSON.
    escaped: String,
    hidden: Hidden,
}

/// Where a secret is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hidden {
    /// In files and lines.
    Everywhere,
    /// In lines: it could be a word, but the user called it a secret.
    InLines,
    /// In lines, where a credential stands: it could be a word, and is a field of the profile.
    AsCredential,
}

impl Secrets {
    /// Takes in what the user calls a secret (`DBT_ENV_SECRET_…`).
    pub(crate) fn add_declared(&mut self, secrets: impl IntoIterator<Item = String>) {
        self.add(secrets, Hidden::InLines);
    }

    /// Takes in the secret fields of a profile.
    pub(crate) fn add_credentials(&mut self, secrets: impl IntoIterator<Item = String>) {
        self.add(secrets, Hidden::AsCredential);
    }

    fn add(&mut self, secrets: impl IntoIterator<Item = String>, words: Hidden) {
        // Empty ones and single letters would make every line unreadable.
        for text in secrets.into_iter().filter(|secret| secret.trim().len() > 1) {
            let hidden = if may_be_word(&text) { words } else { Hidden::Everywhere };
            let quoted = serde_json::Value::String(text.clone()).to_string();
            let escaped = quoted[1..quoted.len() - 1].to_owned();
            self.all.push(Secret { text, escaped, hidden });
        }
        let order = |secret: &Secret| (std::cmp::Reverse(secret.text.len()), secret.hidden);
        self.all.sort_by(|one, other| {
            order(one).cmp(&order(other)).then_with(|| one.text.cmp(&other.text))
        });
        self.all.dedup_by(|later, first| later.text == first.text);
    }

    /// A line without secrets.
    pub(crate) fn scrub_line<'text>(&self, text: &'text str) -> Cow<'text, str> {
        self.scrub(text, Hidden::AsCredential)
    }

    /// The text of a file without secrets.
    pub(crate) fn scrub_file<'text>(&self, text: &'text str) -> Cow<'text, str> {
        self.scrub(text, Hidden::Everywhere)
    }

    /// A line of JSON without secrets.
    pub(crate) fn scrub_json_line<'text>(&self, text: &'text str) -> Cow<'text, str> {
        self.scrub_json(text, Hidden::AsCredential)
    }

    /// A file of JSON without secrets.
    pub(crate) fn scrub_json_file<'text>(&self, text: &'text str) -> Cow<'text, str> {
        self.scrub_json(text, Hidden::Everywhere)
    }

    /// Whether any would be hidden in a file.
    pub(crate) fn concern_files(&self) -> bool {
        self.up_to(Hidden::Everywhere).next().is_some()
    }

    fn up_to(&self, most: Hidden) -> impl Iterator<Item = &Secret> {
        self.all.iter().filter(move |secret| secret.hidden <= most)
    }

    fn scrub<'text>(&self, text: &'text str, most: Hidden) -> Cow<'text, str> {
        let mut scrubbed = Cow::Borrowed(text);
        for secret in self.up_to(most) {
            for form in [&secret.text, &secret.escaped] {
                if !scrubbed.contains(form.as_str()) {
                    continue;
                }
                scrubbed = Cow::Owned(match secret.hidden {
                    Hidden::AsCredential => without_credential(&scrubbed, form),
                    Hidden::Everywhere | Hidden::InLines => scrubbed.replace(form.as_str(), STARS),
                });
            }
        }
        scrubbed
    }

    /// Replaces secrets in the texts of JSON; numbers and literals stay what they are, and keys that could be words.
    fn scrub_json<'text>(&self, json: &'text str, most: Hidden) -> Cow<'text, str> {
        if !self.up_to(most).any(|secret| json.contains(&secret.escaped)) {
            return Cow::Borrowed(json);
        }
        let mut scrubbed = String::with_capacity(json.len());
        let mut rest = json;
        while let Some(start) = rest.find('"') {
            let (before, quoted) = rest.split_at(start);
            let (quoted, after) = quoted.split_at(end_of_text(quoted));
            scrubbed.push_str(before);
            let is_key = after.trim_start().starts_with(':');
            // A key that could be a word is one.
            let most = if is_key { Hidden::Everywhere } else { most };
            let text = serde_json::from_str::<String>(quoted).ok();
            match text.as_deref().map(|text| self.scrub(text, most)) {
                Some(Cow::Owned(hidden)) => {
                    scrubbed.push_str(&serde_json::Value::String(hidden).to_string());
                }
                _ => scrubbed.push_str(quoted),
            }
            rest = after;
        }
        scrubbed.push_str(rest);
        Cow::Owned(scrubbed)
    }
}

/// Whether a text could be a word, a name or a number of a project.
fn may_be_word(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || b"_-".contains(&byte))
        || text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() < LEAST_LENGTH || (is_plain && text.len() < LENGTH_OF_NO_WORD)
}

/// Where a text of JSON ends that begins with its quote.
fn end_of_text(quoted: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in quoted.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    quoted.len()
}

/// A text without a word where it stands as a credential does: `password=word`, `secret 'word'`, `://user:word@host`,
/// `://word@host`.
fn without_credential(text: &str, word: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        scrubbed.push_str(before);
        let is_led_in = scrubbed.ends_with(['=', ':', '\''])
            || (scrubbed.ends_with("://") && after.starts_with('@'));
        let is_whole = !after.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        scrubbed.push_str(if is_led_in && is_whole { STARS } else { word });
        rest = after;
    }
    scrubbed.push_str(rest);
    scrubbed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(declared: &[&str], credentials: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add_declared(declared.iter().copied().map(str::to_owned));
        secrets.add_credentials(credentials.iter().copied().map(str::to_owned));
        secrets
    }

    #[test]
    fn secrets_are_replaced_the_longest_first_also_when_escaped() {
        let secrets = secrets(&["pass", "pass\"word", "x", ""], &[]);
        assert_eq!(secrets.scrub_line("pass\"word and pass, x"), "***** and *****, x");
        assert_eq!(secrets.scrub_line(r#"{"a": "pass\"word"}"#), r#"{"a": "*****"}"#);
    }

    #[test]
    fn only_texts_of_json_are_changed() {
        let secrets = secrets(&["true", "12", "ab\"c-7"], &["hunter2", "name", "12345678"]);
        let json = r#"{"name":"a name","hunter2" : ["x hunter2","\\\"","ab\"c-7"],"t":true,"n":0.12345678}"#;
        assert_eq!(
            secrets.scrub_json_file(json),
            r#"{"name":"a name","*****" : ["x *****","\\\"","*****"],"t":true,"n":0.12345678}"#
        );
        let line = r#"{"a":"true name=name","n":12,"t":true}"#;
        assert_eq!(secrets.scrub_json_line(line), r#"{"a":"***** name=*****","n":12,"t":true}"#);
        assert_eq!(secrets.scrub_json_file(line), line);
    }

    #[test]
    fn a_password_that_is_a_word_is_hidden_where_a_password_stands() {
        let secrets = secrets(&[], &["model"]);
        let line = "model.shop.model_1: postgres://me:model@host, password=model, 'model', models, https://model@host";
        assert_eq!(
            secrets.scrub_line(line),
            "model.shop.model_1: postgres://me:*****@host, password=*****, '*****', models, https://*****@host"
        );
        assert_eq!(secrets.scrub_file(line), line);
        assert!(!secrets.concern_files());
    }

    #[test]
    fn words_are_told_from_what_only_a_secret_can_be() {
        for word in ["12", "true", "model", "warehouse", "20231201", "AbC1!", "my_schema"] {
            assert!(may_be_word(word), "{word}");
        }
        for secret in ["hunter2", "Secret", "correcthorsebatterystaple", "sesame-open-7"] {
            assert!(!may_be_word(secret), "{secret}");
        }
    }
}
