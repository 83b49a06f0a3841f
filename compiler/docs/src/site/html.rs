//! Writing HTML: everything is escaped unless it is `Trusted`, and every element that opens is closed.

use std::fmt::Write;

/// HTML that was made by this crate from escaped parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trusted(pub(super) String);

/// An attribute: name and value; the value is escaped.
pub type Attribute<'a> = (&'a str, &'a str);

/// A page or a part of one, growing.
#[derive(Debug, Default)]
pub struct Html {
    out: String,
}

impl Html {
    /// Begins a text.
    pub fn new() -> Self {
        Self { out: String::with_capacity(16 * 1024) }
    }

    /// An element and what is in it.
    pub fn element(
        &mut self,
        name: &str,
        attributes: &[Attribute<'_>],
        content: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        content(self);
        let _ = write!(self.out, "</{name}>");
    }

    /// An element with text in it.
    pub fn text_element(&mut self, name: &str, attributes: &[Attribute<'_>], text: &str) {
        self.element(name, attributes, |html| html.text(text));
    }

    /// An element without content, `meta` for instance.
    pub fn void(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.open(name, attributes);
    }

    /// A link.
    pub fn link(&mut self, address: &str, text: &str) {
        self.text_element("a", &[("href", address)], text);
    }

    /// Text, escaped.
    pub fn text(&mut self, text: &str) {
        escape_into(&mut self.out, text);
    }

    /// HTML as it is.
    pub fn trusted(&mut self, html: &Trusted) {
        self.out.push_str(&html.0);
    }

    /// What was written.
    pub fn finish(self) -> Trusted {
        Trusted(self.out)
    }

    fn open(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            if !value.is_empty() || *key == "alt" || *key == "value" {
                self.out.push_str("=\"");
                escape_into(&mut self.out, value);
                self.out.push('"');
            }
        }
        self.out.push('>');
    }
}

/// Escapes text for content and for attributes in double quotes.
pub fn escape_into(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\0']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "\u{fffd}",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let mut html = Html::new();
        html.text_element("p", &[("title", "\"><script>")], "a < b & c");
        assert_eq!(html.finish().0, "<p title=\"&quot;&gt;&lt;script&gt;\">a &lt; b &amp; c</p>");
    }
}
