//! Rules about the files themselves: their size, their names and what must not stand in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::pattern::{first_groups, has};
use crate::quern::Quern;
use crate::workspace;

const MOST_LINES: usize = 800;
/// Written in halves, so that this file keeps the rule too.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/ba", "sh_jobs"),
    concat!("/home/us", "er/"),
];

fn assert_none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n{}", offences.join("\n"));
}

/// Where a line of a Rust file's tests begins, or the end of the text.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]").map_or(text, |start| &text[..start])
}

fn is_test_file(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("tests.rs") || file.starts_with("tests/")
}

#[test]
fn files_are_short() {
    let long: Vec<_> = workspace::texts(&["rs", "js", "sql", "py", "css", "html"])
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert_none("files have at most 800 lines, one concept each", &long);
}

#[test]
fn modules_have_the_name_of_their_concept() {
    let unnamed: Vec<_> = workspace::files()
        .into_iter()
        .filter(|file| {
            ["mod.rs", "utils.rs", "util.rs", "helpers.rs", "misc.rs", "common.rs"]
                .contains(&file.rsplit('/').next().unwrap_or_default())
        })
        .collect();
    assert_none("a file is named after its concept", &unnamed);
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let silent: Vec<_> = workspace::texts(&["rs"])
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert_none("a Rust file begins with `//!`", &silent);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let mut offences = Vec::new();
    for file in workspace::files() {
        let Ok(text) = std::fs::read_to_string(workspace::path(&file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if MACHINE_PATHS.iter().any(|path| line.contains(path)) {
                offences.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert_none("paths of one machine", &offences);
}

#[test]
fn ignored_tests_have_a_reason() {
    let bare = concat!("#[ign", "ore]");
    let offences: Vec<_> = workspace::texts(&["rs"])
        .into_iter()
        .filter(|(_, text)| text.contains(bare))
        .map(|(file, _)| file)
        .collect();
    assert_none("a test is ignored for a reason", &offences);
}

#[test]
fn every_rust_file_is_part_of_a_crate() {
    let mut reached = BTreeSet::new();
    let files: BTreeSet<PathBuf> =
        workspace::texts(&["rs"]).into_iter().map(|(file, _)| PathBuf::from(file)).collect();
    for file in &files {
        let folder = file.parent().unwrap_or(Path::new(""));
        let is_root =
            matches!(
                file.file_name().and_then(|name| name.to_str()),
                Some("lib.rs" | "main.rs" | "build.rs")
            ) || ["src/bin", "examples", "benches"].iter().any(|place| folder.ends_with(place));
        if is_root {
            reach(file, folder, &mut reached);
        }
    }
    let forgotten: Vec<_> =
        files.difference(&reached).map(|file| file.display().to_string()).collect();
    assert_none("files that no module declares", &forgotten);
}

/// Adds the file and all files that its `mod` lines lead to; those stand in `folder`.
fn reach(file: &Path, folder: &Path, reached: &mut BTreeSet<PathBuf>) {
    if !reached.insert(file.to_owned()) {
        return;
    }
    let text = std::fs::read_to_string(workspace::root().join(file)).unwrap_or_default();
    for named in first_groups(r#"#\[path = "([^"]+)"\]"#, &text) {
        let child = file.parent().unwrap_or(Path::new("")).join(named);
        reach(&child, &child.with_extension(""), reached);
    }
    let declared = r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?mod ([a-z_0-9]+);";
    for name in first_groups(declared, &text) {
        let child = folder.join(format!("{name}.rs"));
        if workspace::root().join(&child).exists() {
            reach(&child, &folder.join(name), reached);
        }
    }
}

#[test]
fn adapters_are_never_matched_by_name() {
    let adapters = workspace::folders(&workspace::path("adapters"));
    let mut offences = Vec::new();
    for (file, text) in workspace::texts(&["rs"]) {
        if !file.starts_with("compiler/")
            || file.starts_with("compiler/cli/")
            // Dialects of SQL are its subject: it names them as the parser does, and knows no adapter by them.
            || file.starts_with("compiler/sql/")
            || is_test_file(&file)
        {
            continue;
        }
        for adapter in adapters.iter().filter(|adapter| *adapter != "interface") {
            if without_tests(&text).contains(&format!("\"{adapter}\"")) {
                offences.push(format!("{file}: \"{adapter}\""));
            }
        }
    }
    assert_none("only the program knows which adapters there are", &offences);
}

#[test]
fn every_built_in_macro_is_in_the_program() {
    let quern = Quern::in_base_project();
    quern.succeed(&["parse"]);
    let manifest = std::fs::read_to_string(quern.folder().join("target/manifest.json"))
        .expect("parsing writes a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let declared = r"\{%-?\s*macro\s+(\w+)";
    let mut missing = Vec::new();
    for (file, text) in workspace::texts(&["sql"]) {
        let package =
            match file.strip_prefix("templates/macros/").and_then(|rest| rest.split_once('/')) {
                Some(("dbt", _)) => "dbt",
                Some(("duckdb", _)) => "dbt_duckdb",
                _ => continue,
            };
        for name in first_groups(declared, &text) {
            let id = format!("macro.{package}.{name}");
            if manifest["macros"].get(&id).is_none() {
                missing.push(format!("{file}: {id}"));
            }
        }
    }
    assert_none("macros that the program does not carry", &missing);
}

#[test]
fn the_site_asks_no_other_host() {
    let address = r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]{2,}";
    let mut offences = Vec::new();
    for file in workspace::files().into_iter().filter(|file| file.starts_with("templates/site/")) {
        let Ok(text) = std::fs::read_to_string(workspace::path(&file)) else { continue };
        for line in text.lines().filter(|line| has(address, line)) {
            offences.push(format!("{file}: {}", line.trim()));
        }
    }
    assert_none("addresses of other hosts", &offences);
}

#[test]
fn every_library_we_take_has_its_reason_written_down() {
    let manifest = workspace::text("Cargo.toml");
    let reasons = workspace::text("compiler/README.md");
    let table = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .expect("the workspace has dependencies");
    let missing: Vec<_> = table
        .lines()
        .filter(|line| !line.contains("path = "))
        .filter_map(|line| line.split_once(" = ").map(|(name, _)| name.trim()))
        .filter(|name| !name.starts_with('#') && !reasons.contains(&format!("`{name}`")))
        .map(ToOwned::to_owned)
        .collect();
    assert_none("libraries without a reason in compiler/README.md", &missing);
}

#[test]
fn links_between_our_texts_lead_somewhere() {
    let link = r"\]\(([^)#\s]+)(?:#[^)]*)?\)";
    let mut broken = Vec::new();
    for (file, text) in workspace::texts(&["md"]) {
        let folder = workspace::path(&file).parent().map(Path::to_owned).unwrap_or_default();
        // Documentation of a dbt project is a template and links within its site.
        if file.contains("/models/") || file.starts_with("tests/cases/") {
            continue;
        }
        for target in first_groups(link, &text) {
            if !target.contains("://")
                && !target.starts_with("mailto:")
                && !folder.join(&target).exists()
            {
                broken.push(format!("{file}: {target}"));
            }
        }
    }
    assert_none("links to files that are not there", &broken);
}
