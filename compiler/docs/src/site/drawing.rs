//! Drawings of the graph, as SVG inside the page.

use std::fmt::Write;

use super::html::{Trusted, escape_into};
use super::layout::{BOX_HEIGHT, layout};

/// A box of a drawing.
#[derive(Debug, Clone)]
pub struct DrawnBox<'a> {
    /// What stands in it; long names are cut in the middle.
    pub name: &'a str,
    /// Its class in the style sheet.
    pub class: &'a str,
    /// Where it leads.
    pub address: String,
    /// Said when pointed at, and by screen readers.
    pub title: String,
    /// A colour of the project's own.
    pub color: Option<&'a str>,
    /// Whether this is the page we are on.
    pub is_current: bool,
}

const MARGIN: f64 = 12.0;
const LONGEST_NAME: usize = 34;

/// Draws boxes and the edges between them. `label` says what the drawing shows.
pub fn draw(boxes: &[DrawnBox<'_>], edges: &[(usize, usize)], label: &str) -> Trusted {
    let names: Vec<String> = boxes.iter().map(|item| shorten(item.name)).collect();
    let widths: Vec<f64> = names
        .iter()
        .zip(boxes)
        // The name of the page we are on is set bolder.
        .map(|(name, item)| 36.0 + text_width(name) * if item.is_current { 1.15 } else { 1.0 })
        .collect();
    let placed = layout(&widths, edges);
    let (width, height) = (placed.width + MARGIN * 2.0, placed.height + MARGIN * 2.0);
    let mut out = String::with_capacity(boxes.len() * 400 + edges.len() * 160);
    let _ = write!(
        out,
        "<svg class=\"graph\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"group\" aria-label=\""
    );
    escape_into(&mut out, label);
    out.push_str("\"><g class=\"canvas\"><g class=\"edges\" aria-hidden=\"true\">");
    for ((from, to), points) in edges.iter().zip(&placed.edges) {
        let _ = write!(out, "<path data-e=\"{from} {to}\" d=\"");
        curve(&mut out, points);
        out.push_str("\"/>");
    }
    out.push_str("</g>");
    for (index, item) in boxes.iter().enumerate() {
        let (x, y) =
            (placed.boxes[index].0 + MARGIN, placed.boxes[index].1 + MARGIN - BOX_HEIGHT / 2.0);
        out.push_str("<a class=\"box k-");
        escape_into(&mut out, item.class);
        if item.is_current {
            out.push_str(" current\" aria-current=\"page");
        }
        out.push_str("\" href=\"");
        escape_into(&mut out, &item.address);
        let _ = write!(out, "\" data-n=\"{index}\" transform=\"translate({x:.1} {y:.1})\"><title>");
        escape_into(&mut out, &item.title);
        let _ = write!(
            out,
            "</title><rect width=\"{:.1}\" height=\"{BOX_HEIGHT}\" rx=\"7\"/>",
            widths[index]
        );
        out.push_str("<circle cx=\"14\" cy=\"16\" r=\"4.5\"");
        if let Some(color) = item.color.filter(|color| is_color(color)) {
            let _ = write!(out, " class=\"own\" fill=\"{color}\"");
        }
        out.push_str("/><text x=\"25\" y=\"20.5\">");
        escape_into(&mut out, &names[index]);
        out.push_str("</text></a>");
    }
    out.push_str("</g></svg>");
    Trusted(out)
}

fn curve(out: &mut String, points: &[(f64, f64)]) {
    let Some(((x, y), rest)) = points.split_first() else { return };
    let (mut x, mut y) = (x + MARGIN, y + MARGIN);
    let _ = write!(out, "M{x:.1} {y:.1}");
    for (index, (next_x, next_y)) in rest.iter().enumerate() {
        let (next_x, next_y) = (next_x + MARGIN, next_y + MARGIN);
        // Between the two sides of a layer an edge runs straight; between layers it swings.
        if index % 2 == 1 && (next_y - y).abs() < 0.05 {
            let _ = write!(out, "H{next_x:.1}");
        } else {
            let middle = f64::midpoint(x, next_x);
            let _ =
                write!(out, "C{middle:.1} {y:.1} {middle:.1} {next_y:.1} {next_x:.1} {next_y:.1}");
        }
        (x, y) = (next_x, next_y);
    }
}

/// A name that fits into a box, its beginning and its end kept.
fn shorten(name: &str) -> String {
    let count = name.chars().count();
    if count <= LONGEST_NAME {
        return name.to_owned();
    }
    let head: String = name.chars().take(LONGEST_NAME / 2 + 2).collect();
    let tail: String = name.chars().skip(count - LONGEST_NAME / 2 + 3).collect();
    format!("{head}…{tail}")
}

/// An estimate for system fonts at 13 pixels, generous enough for the widest of them.
fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|character| match character {
            'i' | 'j' | 'l' | '.' | '\'' | '|' | 'I' => 3.9,
            'f' | 't' | 'r' | '-' => 5.3,
            'm' | 'w' | 'M' | 'W' => 11.0,
            'A'..='Z' => 8.8,
            _ if character.is_ascii() => 7.8,
            _ => 13.0,
        })
        .sum()
}

/// `#rgb`, `#rrggbb` or a name: nothing that could end the attribute.
fn is_color(color: &str) -> bool {
    let digits = color.strip_prefix('#');
    match digits {
        Some(digits) => {
            matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        None => {
            (3..=20).contains(&color.len()) && color.bytes().all(|byte| byte.is_ascii_alphabetic())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_the_same_every_time_and_escapes_names() {
        let item = |name: &'static str, color| DrawnBox {
            name,
            class: "model",
            address: "a.html".to_owned(),
            title: name.to_owned(),
            color,
            is_current: name == "b",
        };
        let boxes = [item("<a>", Some("#b4531a")), item("b", Some("\"onload=x"))];
        let drawn = draw(&boxes, &[(0, 1)], "Lineage").0;
        assert_eq!(drawn, draw(&boxes, &[(0, 1)], "Lineage").0);
        assert!(
            drawn.contains("&lt;a&gt;")
                && drawn.contains("fill=\"#b4531a\"")
                && !drawn.contains("onload")
        );
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let name = shorten("int_a_very_long_name_of_a_model_that_goes_on_by_day");
        assert!(
            name.starts_with("int_a_very")
                && name.ends_with("by_day")
                && name.chars().count() <= LONGEST_NAME
        );
    }
}
