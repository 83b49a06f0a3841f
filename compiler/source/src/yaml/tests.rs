//! The reader against PyYAML: `tests_data/yaml.json` holds documents with what PyYAML 6 makes of each.

use serde_json::Value;

use super::*;

/// Documents that PyYAML refuses and this reader takes, all of them valid YAML 1.2.
const TAKEN: &[&str] = &["anchor twice", "empty key", "nel"];

/// Documents that PyYAML takes and this reader refuses.
const REFUSED: &[&str] = &[];

fn read_value(text: &str) -> Result<Value, Vec<String>> {
    let read = read(text, FileId(0));
    if read.has_errors() {
        return Err(read.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect());
    }
    Ok(read.value.map_or(Value::Null, |node| node.to_json()))
}

fn written(value: &Value) -> String {
    value.to_string()
}

#[test]
fn reads_what_pyyaml_reads() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../tests_data/yaml.json")).unwrap();
    let mut differences = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let is_same = match (read_value(case["text"].as_str().unwrap()), case.get("value")) {
            // As text, so that the order of keys counts.
            (Ok(value), Some(expected)) => written(&value) == written(expected),
            (Err(_), None) => true,
            (Ok(_), None) => TAKEN.contains(&name),
            (Err(_), Some(_)) => REFUSED.contains(&name),
        };
        if !is_same {
            differences
                .push(format!("{case}\n    {:?}", read_value(case["text"].as_str().unwrap())));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn pieces(node: &Node, text: &str, found: &mut Vec<String>) {
    let slice = |span: Span| text[span.start as usize..span.end as usize].to_owned();
    found.push(slice(node.span));
    match &node.value {
        Yaml::Sequence(items) => items.iter().for_each(|item| pieces(item, text, found)),
        Yaml::Mapping(mapping) => {
            for (_, key_span, value) in mapping.iter() {
                found.push(slice(key_span));
                pieces(value, text, found);
            }
        }
        _ => {}
    }
}

#[test]
fn spans_cover_what_was_written() {
    let text = "ä: 'ö'\nb:\n  - c: one\n      two\n  - [1, {d: e}]\nf: |\n  g\n\nh:\n";
    let mut found = Vec::new();
    pieces(&read(text, FileId(0)).value.unwrap(), text, &mut found);
    insta::assert_debug_snapshot!(found);
}

#[test]
fn duplicate_keys_are_warned_of_at_both_places() {
    let read = read("a: 1\nb: 2\na: 3\n", FileId(0));
    assert_eq!(read.diagnostics.len(), 1);
    let starts: Vec<u32> =
        read.diagnostics[0].labels.iter().map(|label| label.span.start).collect();
    assert_eq!(starts, [10, 0]);
    assert!(!read.has_errors());
}

#[test]
fn aliases_that_explode_are_refused() {
    let mut lines = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        lines.push(format!("a{level}: &a{level} [{}]", [alias.as_str(); 10].join(", ")));
    }
    let text = lines.join("\n");
    let codes: Vec<_> =
        read(&text, FileId(0)).diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, [crate::codes::YAML_ALIAS_LIMIT]);
}

#[test]
fn deep_nesting_is_refused() {
    assert!(read_value(&"[".repeat(100_000)).is_err());
    assert!(read_value(&"- ".repeat(100_000)).is_err());
}

#[test]
fn common_mistakes_get_a_hint() {
    let hint =
        |text: &str| read(text, FileId(0)).diagnostics.first().and_then(|found| found.hint.clone());
    insta::assert_debug_snapshot!([
        hint("a: {{ x }}\n"),
        hint("a: {{ x }}_y\n"),
        hint("a:\n\tb: 1\n"),
        hint("a: b: c\n"),
        hint("a: *x\n"),
        hint("---\na: 1\n---\nb: 1\n"),
        hint("a:\n  b: \"c\nd: 1\n"),
    ]);
}

#[test]
fn floats_print_as_in_python() {
    let shown: Vec<_> = [1.0, 0.1, 1e16, 1e-5, 123_456_789_012_345.0, 1.5e300, -0.0]
        .map(resolve::python_float)
        .into();
    assert_eq!(shown, ["1.0", "0.1", "1e+16", "1e-05", "123456789012345.0", "1.5e+300", "-0.0"]);
}

#[test]
fn indentation_inside_brackets_and_quotes_does_not_count() {
    let lists =
        "a:\n  b:\n    - c: [x,\n  y: 1,\n]\n      d: |\n        it's [\n      e: \"one\n two\"\n";
    assert_eq!(
        read_value(lists),
        Ok(serde_json::json!({"a": {"b": [
            {"c": ["x", {"y": 1}], "d": "it's [\n", "e": "one two"}
        ]}}))
    );
    assert!(read_value("a: [x,\ny: 1\n").is_err());
}
