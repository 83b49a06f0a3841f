//! What messages look like.

use std::path::PathBuf;

use super::*;
use crate::path::ProjectPath;
use crate::span::Span;
use crate::{SourceFile, codes};

fn sources() -> Sources {
    let sources = Sources::new();
    let add = |path: &str, text: &str| {
        sources.add(SourceFile::new(
            PathBuf::new(),
            ProjectPath::new(path),
            Arc::from("shop"),
            Arc::from(text),
        ));
    };
    add("models/orders.sql", "select *\nfrom {{ ref('stg_ordrs') }}\nwhere größe > 1\n");
    add("models/schema.yml", "models:\n  - name: orders\n  - name: orders\n");
    add("models/empty.sql", "");
    sources
}

#[test]
fn an_error_shows_its_place_and_a_hint() {
    let diagnostic = Diagnostic::error(codes::REF_NOT_FOUND, "there is no model `stg_ordrs`")
        .label(Span::new(FileId(0), 21, 32), "asked for here")
        .note("called by the macro `latest`")
        .hint("did you mean `stg_orders`?");
    insta::assert_snapshot!(render(&diagnostic, &sources(), Style::Plain));
    insta::assert_json_snapshot!(to_json(&diagnostic, &sources()));
}

#[test]
fn several_places_and_files_are_shown() {
    let diagnostic =
        Diagnostic::warning(codes::DUPLICATE_PROPERTIES, "two entries describe the model `orders`")
            .label(Span::new(FileId(1), 35, 41), "the second")
            .label(Span::new(FileId(1), 18, 24), "the first")
            .label(Span::new(FileId(0), 43, 50), "the model");
    insta::assert_snapshot!(render(&diagnostic, &sources(), Style::Plain));
}

#[test]
fn messages_without_a_place_or_about_a_whole_file_are_shown() {
    let without = Diagnostic::error(codes::PROJECT_NOT_FOUND, "there is no `dbt_project.yml`")
        .hint("change the folder");
    let whole =
        Diagnostic::error(codes::MODEL_EMPTY, "the model is empty").at(Span::whole_file(FileId(2)));
    let sources = sources();
    insta::assert_snapshot!(
        [without, whole].map(|it| render(&it, &sources, Style::Plain)).join("\n\n")
    );
}

#[test]
fn places_outside_of_the_text_do_no_harm() {
    for (file, start, end) in
        [(0, 0, 9999), (0, 9999, 9999), (0, 5, 2), (0, 54, 55), (0, 68, 68), (2, 3, 4), (9, 1, 2)]
    {
        let diagnostic =
            Diagnostic::error(codes::INTERNAL, "x").label(Span::new(FileId(file), start, end), "y");
        assert!(render(&diagnostic, &sources(), Style::Coloured).contains("Q000"));
        assert!(to_json(&diagnostic, &sources())["labels"].is_array());
    }
}
