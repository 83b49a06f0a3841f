//! Filters that write markup: `xmlattr` and `urlize`.

use std::sync::LazyLock;

use fancy_regex::Regex;
use minijinja::{Environment, Error, Value};

use super::strings::escape;
use super::text;
use crate::python::arguments::Arguments;
use crate::python::error::failure;
use crate::python::functions::Values;
use crate::python::repr::to_repr;
use crate::python::values::{iterate, pairs, type_name};

/// What every link says of its relation (Jinja2's policy `urlize.rel`).
const USUAL_RELATION: &str = "noopener";

/// An address on the web: with its scheme or `www.`, of a well-known domain, or a number.
const WEB: &str = r"(?i)^(?:(?:https?://|www\.)(?:[\w%-]+\.)*(?:[a-z]{2,63}|xn--[\w%]{2,59})|(?:[\w%-]{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)|https?://(?:\d{1,3}(?:\.\d{1,3}){3}|\[(?:[\da-f]{0,4}:){2}(?:[\da-f]{0,4}:?){1,6}\]))(?::\d{1,5})?(?:[/?#]\S*)?$";

const MAIL: &str = r"^\S+@\w[\w.-]*\.\w+$";

const SCHEME: &str = r"^[\w.+-]{2,}:/{0,2}$";

/// Opening and closing signs, which belong to an address when they are even.
const BRACKETS: [(&str, &str); 3] = [("(", ")"), ("<", ">"), ("&lt;", "&gt;")];

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("xmlattr", |value: Value, values: Values| attributes(&value, &values.0));
    environment
        .add_filter("urlize", |value: Value, values: Values| with_links(&text(&value), &values.0));
}

/// `xmlattr(autospace=true)`: a mapping as the attributes of a tag, without those that are none.
fn attributes(value: &Value, values: &[Value]) -> Result<String, Error> {
    let mut arguments = Arguments::new("xmlattr", values);
    let has_space = arguments.take("autospace").is_none_or(|value| value.is_true());
    arguments.finish()?;
    let Some(pairs) = pairs(value) else {
        return Err(failure(format!("'{}' object has no attribute 'items'", type_name(value))));
    };
    let mut written = String::new();
    for (key, value) in
        pairs.into_iter().filter(|(_, value)| !value.is_none() && !value.is_undefined())
    {
        let name = text(&key);
        if name.contains(|letter: char| letter.is_ascii_whitespace() || "/>=".contains(letter)) {
            return Err(failure(format!("Invalid character in attribute name: {}", to_repr(&key))));
        }
        if has_space || !written.is_empty() {
            written.push(' ');
        }
        written.extend([&escape(&name), "=\"", &escape(&text(&value)), "\""]);
    }
    Ok(written)
}

/// What is said of every link.
struct Links {
    /// Further attributes.
    attributes: String,
    longest: Option<usize>,
    schemes: Vec<String>,
}

/// `urlize(trim_url_limit, nofollow, target, rel, extra_schemes)`: addresses in a text become links.
fn with_links(written: &str, values: &[Value]) -> Result<String, Error> {
    let mut arguments = Arguments::new("urlize", values);
    let longest = arguments.take_integer("trim_url_limit")?;
    let is_followed = !arguments.take("nofollow").is_some_and(|value| value.is_true());
    let target = arguments.take_text("target")?;
    let relation = arguments.take_text("rel")?.unwrap_or_default();
    let schemes = arguments.take("extra_schemes").filter(|value| !value.is_none());
    arguments.finish()?;
    let schemes = schemes.map(|schemes| iterate(&schemes)).transpose()?.unwrap_or_default();
    let schemes: Vec<String> = schemes.iter().map(text).collect();
    if let Some(wrong) = schemes.iter().find(|scheme| !fits(SCHEMES.as_ref(), scheme)) {
        let shown = to_repr(&Value::from(wrong.as_str()));
        return Err(failure(format!("{shown} is not a valid URI scheme prefix.")));
    }
    let mut relations: Vec<&str> = relation.split_whitespace().collect();
    relations.extend((!is_followed).then_some("nofollow"));
    relations.push(USUAL_RELATION);
    relations.sort_unstable();
    relations.dedup();
    let mut attributes = format!(" rel=\"{}\"", escape(&relations.join(" ")));
    if let Some(target) = target.filter(|target| !target.is_empty()) {
        attributes.extend([" target=\"", &escape(&target), "\""]);
    }
    let longest = longest.and_then(|longest| usize::try_from(longest).ok());
    let links = Links { attributes, longest, schemes };
    let escaped = escape(written);
    let mut result = String::new();
    for piece in escaped.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        result.push_str(&links.word(word));
        result.push_str(&piece[word.len()..]);
    }
    Ok(result)
}

static WEBS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(WEB).ok());
static MAILS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(MAIL).ok());
static SCHEMES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SCHEME).ok());

fn fits(pattern: Option<&Regex>, text: &str) -> bool {
    pattern.is_some_and(|pattern| pattern.is_match(text).unwrap_or(false))
}

impl Links {
    /// A word with what it is a link to; signs around it stay outside.
    fn word(&self, word: &str) -> String {
        let start = word.len() - without_start(word).len();
        let (head, rest) = word.split_at(start);
        let (address, tail) = balanced(rest, without_end(rest).len());
        format!("{head}{}{tail}", self.link(address))
    }

    fn link(&self, address: &str) -> String {
        if fits(WEBS.as_ref(), address) {
            let has_scheme = address.starts_with("https://") || address.starts_with("http://");
            let scheme = if has_scheme { "" } else { "https://" };
            return self.tag(&format!("{scheme}{address}"), &self.shortened(address));
        }
        if let Some(mail) = address.strip_prefix("mailto:")
            && fits(MAILS.as_ref(), mail)
        {
            return format!("<a href=\"{address}\">{mail}</a>");
        }
        let is_mail = address.contains('@')
            && !address.starts_with("www.")
            && !address.starts_with('@')
            && !address.contains(':');
        if is_mail && fits(MAILS.as_ref(), address) {
            return format!("<a href=\"mailto:{address}\">{address}</a>");
        }
        let has_scheme =
            |scheme: &&String| address.len() > scheme.len() && address.starts_with(scheme.as_str());
        match self.schemes.iter().find(has_scheme) {
            Some(_) => self.tag(address, address),
            None => address.to_owned(),
        }
    }

    fn tag(&self, address: &str, shown: &str) -> String {
        format!("<a href=\"{address}\"{}>{shown}</a>", self.attributes)
    }

    fn shortened(&self, address: &str) -> String {
        match self.longest {
            Some(longest) if address.chars().count() > longest => {
                address.chars().take(longest).chain("...".chars()).collect()
            }
            _ => address.to_owned(),
        }
    }
}

fn without_start(mut word: &str) -> &str {
    while let Some(rest) = ["(", "<", "&lt;"].iter().find_map(|sign| word.strip_prefix(sign)) {
        word = rest;
    }
    word
}

fn without_end(mut word: &str) -> &str {
    while let Some(rest) =
        [")", ">", ".", ",", "&gt;"].iter().find_map(|sign| word.strip_suffix(sign))
    {
        word = rest;
    }
    word
}

/// Splits a word at a place, or after the closing signs that make those before it even.
fn balanced(word: &str, mut end: usize) -> (&str, &str) {
    for (open, close) in BRACKETS {
        let (address, tail) = word.split_at(end);
        let missing = address.matches(open).count().saturating_sub(address.matches(close).count());
        // As in Jinja2 all that are open count once one closes too few of them.
        let taken = if missing > 0 { address.matches(open).count() } else { 0 };
        if let Some((at, sign)) = tail.match_indices(close).take(taken).last() {
            end += at + sign.len();
        }
    }
    word.split_at(end)
}

#[cfg(test)]
mod tests {
    use minijinja::Environment;

    /// Recorded from Jinja2 3.1.
    #[test]
    fn markup_is_that_of_jinja() {
        let mut environment = Environment::new();
        crate::python::install(&mut environment);
        let render = |text: &str| environment.render_str(text, ()).unwrap();
        let link = |address: &str, shown: &str| {
            format!("<a href=\"{address}\" rel=\"noopener\">{shown}</a>")
        };
        assert_eq!(
            render("{{ {'class': 'a <b>', 'none': none, 'id': 1} | xmlattr }}"),
            " class=\"a &lt;b&gt;\" id=\"1\""
        );
        assert_eq!(render("{{ {'id': 1} | xmlattr(false) }}"), "id=\"1\"");
        assert_eq!(
            render("{{ '(see www.example.com/a_(b)), a@b.org.' | urlize }}"),
            format!(
                "(see {}), <a href=\"mailto:a@b.org\">a@b.org</a>.",
                link("https://www.example.com/a_(b)", "www.example.com/a_(b)")
            )
        );
        assert_eq!(
            render("{{ 'https://example.com/long' | urlize(10) }}"),
            link("https://example.com/long", "https://ex...")
        );
        assert_eq!(render("{{ 'plain text' | urlize }}"), "plain text");
    }
}
