//! Descriptions: Markdown to HTML that can do no harm.
//!
//! Raw HTML is shown as text, pictures become links, and a link leads to the web, to a mailbox or to a page of this site
//! (also in the form of dbt's own site, `#!/model/<unique id>`); any other link is plain text.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::code::{self, Language};
use super::html::Trusted;

/// How a text stands on its page.
pub struct Place<'a> {
    /// How many levels headings go down: the page has headings of its own.
    pub heading_offset: usize,
    /// The address of the page of a unique id.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
}

/// Renders a text.
pub fn render(markdown: &str, place: &Place<'_>) -> Trusted {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut events = Vec::new();
    let mut open_links: Vec<bool> = Vec::new();
    let mut code_block: Option<(Language, String)> = None;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(text) if code_block.is_some() => {
                if let Some((_, code)) = &mut code_block {
                    code.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => match html.trim() {
                "<br>" | "<br/>" | "<br />" => events.push(Event::HardBreak),
                comment if comment.starts_with("<!--") => {}
                _ => events.push(Event::Text(html)),
            },
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::CodeBlock(kind)) => {
                code_block = Some((language(&kind), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((language, code)) = code_block.take() {
                    let block = code::highlight(&code, language, &|_| None);
                    let html = format!("<pre class=\"code\"><code>{}</code></pre>", block.0);
                    events.push(Event::Html(CowStr::from(html)));
                }
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let level = lower(level, place.heading_offset);
                events.push(Event::Start(Tag::Heading {
                    level,
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Event::End(TagEnd::Heading(level)) => {
                events.push(Event::End(TagEnd::Heading(lower(level, place.heading_offset))));
            }
            Event::Start(
                Tag::Link { link_type, dest_url, title, id }
                | Tag::Image { link_type, dest_url, title, id },
            ) => {
                let address = address(&dest_url, place.resolve);
                open_links.push(address.is_some());
                if let Some(address) = address {
                    events.push(Event::Start(Tag::Link {
                        link_type,
                        dest_url: CowStr::from(address),
                        title,
                        id,
                    }));
                }
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if open_links.pop() == Some(true) {
                    events.push(Event::End(TagEnd::Link));
                }
            }
            other => events.push(other),
        }
    }
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut out, events.into_iter());
    Trusted(out)
}

fn address(destination: &str, resolve: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(path) = destination.strip_prefix("#!/") {
        return resolve(path.split_once('/').map_or(path, |(_, id)| id));
    }
    let scheme = destination.split_once(':')?.0;
    let is_harmless =
        ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_harmless.then(|| destination.to_owned())
}

fn language(kind: &CodeBlockKind<'_>) -> Language {
    match kind {
        CodeBlockKind::Fenced(name) => match name.split([',', ' ']).next().unwrap_or_default() {
            "sql" | "jinja" | "jinja2" | "jinja-sql" => Language::Sql,
            "python" | "py" => Language::Python,
            _ => Language::Plain,
        },
        CodeBlockKind::Indented => Language::Plain,
    }
}

fn lower(level: HeadingLevel, offset: usize) -> HeadingLevel {
    HeadingLevel::try_from((level as usize + offset).min(6)).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, expected: &str) {
        let resolve = |id: &str| (id == "model.a.b").then(|| "../model/b.html".to_owned());
        let html = render(markdown, &Place { heading_offset: 2, resolve: &resolve });
        assert_eq!(html.0.trim(), expected);
    }

    #[test]
    fn raw_html_is_shown_as_text() {
        check("a <script>alert(1)</script>", "<p>a &lt;script&gt;alert(1)&lt;/script&gt;</p>");
        check("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>");
    }

    #[test]
    fn links_lead_to_the_web_or_to_pages_and_nowhere_else() {
        check("[a](javascript:alert(1))", "<p>a</p>");
        check("[a](JavaScript:alert(1))", "<p>a</p>");
        check("[a](data:text/html,x)", "<p>a</p>");
        check("[a](https://example.com)", "<p><a href=\"https://example.com\">a</a></p>");
        check("[a](#!/model/model.a.b)", "<p><a href=\"../model/b.html\">a</a></p>");
        check("[a](#!/model/model.a.gone)", "<p>a</p>");
    }

    #[test]
    fn pictures_become_links() {
        check(
            "![map](https://example.com/a.png)",
            "<p><a href=\"https://example.com/a.png\">map</a></p>",
        );
        check("![map](file:///etc/passwd)", "<p>map</p>");
    }

    #[test]
    fn headings_go_down() {
        check("# a", "<h3>a</h3>");
    }
}
