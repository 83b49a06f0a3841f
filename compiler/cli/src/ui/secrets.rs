//! Secrets taken out of what is said and written.

use std::borrow::Cow;
use std::io::Write;

/// What stands in the place of a secret, as in dbt.
const STARS: &str = "*****";

/// The texts that must never be seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    texts: Vec<String>,
}

impl Secrets {
    /// Takes secrets in; empty ones and single letters would make every line unreadable.
    pub(crate) fn add(&mut self, secrets: impl IntoIterator<Item = String>) {
        for secret in secrets.into_iter().filter(|secret| secret.trim().len() > 1) {
            // Inside JSON a secret is escaped.
            let escaped = serde_json::Value::String(secret.clone()).to_string();
            self.texts.push(escaped[1..escaped.len() - 1].to_owned());
            self.texts.push(secret);
        }
        // The longest first: a secret inside another must not leave half of it.
        self.texts.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.texts.dedup();
    }

    /// The text without secrets.
    pub(crate) fn scrub<'text>(&self, text: &'text str) -> Cow<'text, str> {
        let mut scrubbed = Cow::Borrowed(text);
        for secret in &self.texts {
            if scrubbed.contains(secret.as_str()) {
                scrubbed = Cow::Owned(scrubbed.replace(secret.as_str(), STARS));
            }
        }
        scrubbed
    }
}

/// Takes secrets out of what is written through it, also where one spans two pieces.
pub(crate) struct ScrubbingWriter<'a, W: Write> {
    inner: W,
    secrets: &'a Secrets,
    pending: String,
    longest: usize,
}

/// So much is gathered before it is searched.
const PIECE: usize = 1 << 20;

impl<'a, W: Write> ScrubbingWriter<'a, W> {
    /// A writer before another.
    pub(crate) fn new(inner: W, secrets: &'a Secrets) -> Self {
        // Escaped for JSON a secret is at most six times as long.
        let longest = secrets.texts.iter().map(|text| text.len() * 6).max().unwrap_or(0);
        Self { inner, secrets, pending: String::new(), longest }
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> std::io::Result<()> {
        let rest = self.secrets.scrub(&self.pending);
        self.inner.write_all(rest.as_bytes())?;
        self.inner.flush()
    }

    /// Writes what no further piece can make part of a secret.
    fn pass(&mut self) -> std::io::Result<()> {
        let mut scrubbed = self.secrets.scrub(&self.pending).into_owned();
        let mut cut = scrubbed.len().saturating_sub(self.longest);
        while !scrubbed.is_char_boundary(cut) {
            cut -= 1;
        }
        self.pending = scrubbed.split_off(cut);
        self.inner.write_all(scrubbed.as_bytes())
    }
}

impl<W: Write> Write for ScrubbingWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.longest == 0 {
            return self.inner.write(bytes);
        }
        // JSON comes in whole characters; anything else is no text and is passed on as it can be read.
        match std::str::from_utf8(bytes) {
            Ok(text) => self.pending.push_str(text),
            Err(_) => self.pending.push_str(&String::from_utf8_lossy(bytes)),
        }
        if self.pending.len() > PIECE.max(4 * self.longest) {
            self.pass()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_two_pieces_is_replaced() {
        let mut secrets = Secrets::default();
        secrets.add(["hunter2".into()]);
        let mut bytes = Vec::new();
        let mut writer = ScrubbingWriter::new(&mut bytes, &secrets);
        let filler = "ä".repeat(PIECE / 2);
        for piece in [filler.as_str(), "hun", "ter2", &filler, "hunter", "2"] {
            writer.write_all(piece.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("hunter2"));
        assert_eq!(text.matches(STARS).count(), 2);
        assert_eq!(text.len(), 2 * (filler.len() + STARS.len()));
    }

    #[test]
    fn secrets_are_replaced_the_longest_first_also_when_escaped() {
        let mut secrets = Secrets::default();
        secrets.add(["pass".into(), "pass\"word".into(), "x".into(), String::new()]);
        assert_eq!(secrets.scrub("pass\"word and pass, x"), "***** and *****, x");
        assert_eq!(secrets.scrub(r#"{"a": "pass\"word"}"#), r#"{"a": "*****"}"#);
    }
}
