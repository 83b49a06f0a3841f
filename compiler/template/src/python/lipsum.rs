//! `lipsum` of Jinja2, without chance: a template gives the same text in every run.

use md5::{Digest, Md5};
use minijinja::{Environment, Error, Value};

use super::arguments::Arguments;
use super::error::failure;
use super::functions::Values;

/// What the texts of `lipsum` are made of.
const WORDS: [&str; 40] = [
    "ager", "amnis", "aqua", "arbor", "avis", "caelum", "campus", "collis", "dies", "domus",
    "flamma", "flos", "folium", "fons", "frons", "hortus", "ignis", "imber", "iter", "lapis",
    "litus", "luna", "lux", "mare", "mons", "navis", "nix", "nox", "nubes", "pons", "porta",
    "radix", "ramus", "sol", "silva", "stella", "terra", "umbra", "ventus", "via",
];

/// The words of a sentence.
const SENTENCE: usize = 9;

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_function("lipsum", |values: Values| lipsum(&values.0));
}

/// A number below a limit that some bytes stand for.
fn number(bytes: &[u8], limit: usize) -> usize {
    let digest = Md5::digest(bytes);
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number % limit.max(1) as u64).unwrap_or(0)
}

/// `lipsum(n=5, html=true, min=20, max=100)`: paragraphs that mean nothing, of some words each.
fn lipsum(values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("lipsum", values);
    let count = arguments.take_integer("n")?.unwrap_or(5);
    let is_html = arguments.take("html").is_none_or(|value| value.is_true());
    let least = arguments.take_integer("min")?.unwrap_or(20);
    let most = arguments.take_integer("max")?.unwrap_or(100);
    arguments.finish()?;
    if least >= most {
        return Err(failure(format!("empty range for lipsum() ({least}, {most})")));
    }
    let size = |number: i64| usize::try_from(number).unwrap_or(0);
    let paragraphs = (0..count.max(0)).map(|at| {
        let words = size(least) + number(&at.to_be_bytes(), size(most) - size(least));
        let text = paragraph(at, words);
        if is_html { format!("<p>{text}</p>") } else { text }
    });
    let between = if is_html { "\n" } else { "\n\n" };
    Ok(Value::from(paragraphs.collect::<Vec<_>>().join(between)))
}

fn paragraph(at: i64, words: usize) -> String {
    let mut text = String::new();
    for word in 0..words {
        let chosen = WORDS[number(format!("{at} {word}").as_bytes(), WORDS.len())];
        let (first, rest) = chosen.split_at(1);
        match word % SENTENCE {
            0 if word > 0 => text.extend([". ", &first.to_uppercase(), rest]),
            0 => text.extend([first.to_uppercase().as_str(), rest]),
            5 => text.extend([", ", chosen]),
            _ => text.extend([" ", chosen]),
        }
    }
    text + "."
}

#[cfg(test)]
mod tests {
    use minijinja::Environment;

    #[test]
    fn texts_have_as_many_words_as_asked_for() {
        let mut environment = Environment::new();
        crate::python::install(&mut environment);
        let render = |text: &str| environment.render_str(text, ()).unwrap();
        let text = render("{{ lipsum(2, html=false, min=5, max=8) }}");
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(paragraphs.len(), 2);
        for paragraph in paragraphs {
            assert!((5..8).contains(&paragraph.split(' ').count()), "{paragraph}");
            assert!(paragraph.ends_with('.') && paragraph.starts_with(char::is_uppercase));
        }
        assert!(render("{{ lipsum(1) }}").starts_with("<p>"));
    }
}
