//! What command lines mean.

use super::*;

fn said(line: &[&str]) -> Said {
    let arguments = std::iter::once("quern").chain(line.iter().copied()).map(OsString::from);
    match read(arguments, false) {
        Reading::Run(said) => *said,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_parser_is_sound() {
    parser().debug_assert();
}

#[test]
fn selections_take_several_values_and_several_flags_under_all_names() {
    let said = said(&["run", "-s", "a", "b+", "--models", "c", "-m", "@d", "--exclude", "e", "f"]);
    assert_eq!(said.options["select"], json!(["a", "b+", "c", "@d"]));
    assert_eq!(said.options["exclude"], json!(["e", "f"]));
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    for line in
        [["--no-use-colors", "-t", "ci", "run"], ["run", "--no-use-colors", "--target", "ci"]]
    {
        let said = said(&line);
        assert_eq!(said.options["use-colors"], json!(false));
        assert_eq!(said.options["target"], json!("ci"));
    }
}

#[test]
fn values_may_look_like_options_and_words_have_no_case() {
    let said = said(&["show", "--inline", "-- a comment", "--limit", "-1", "--output", "JSON"]);
    assert_eq!(said.options["inline"], json!("-- a comment"));
    assert_eq!((&said.options["limit"], &said.options["output"]), (&json!(-1), &json!("json")));
}

#[test]
fn commands_have_their_groups_and_other_names() {
    assert_eq!(said(&["ls"]).command.name, "list");
    assert_eq!(said(&["docs", "generate"]).command.name, "docs generate");
    assert_eq!(said(&["source", "snapshot-freshness"]).command.name, "source freshness");
    assert_eq!(
        said(&["run-operation", "grant", "--args", "{a: 1}"]).positional.as_deref(),
        Some("grant")
    );
}

#[test]
fn wrong_lines_are_told_in_dbts_way() {
    let arguments = ["quern", "run", "--bogus"].map(OsString::from);
    let Reading::Wrong(text) = read(arguments, false) else { panic!("it is wrong") };
    assert!(text.starts_with("Error: "), "{text}");
}

#[test]
fn help_teaches() {
    let mut parser = parser();
    let run = parser.find_subcommand_mut("run").map(|run| run.render_help().to_string());
    insta::assert_snapshot!(run.unwrap_or_default());
}
