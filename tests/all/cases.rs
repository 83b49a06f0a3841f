//! Cases as data: a folder of `cases/` is a project, the commands run in it and what they are to print.
//!
//! `project/` is laid over `tests/base`; `command.txt` has a command a line (`quern parse` without it);
//! `expected.txt` is the session that a reader of the terminal would see, without times, durations and ids.
//! To write it anew: `QUERN_UPDATE_EXPECTED=1 cargo test -p quern-tests --test all cases`, then read the difference.

use std::fmt::Write;
use std::fs;

use crate::quern::Quern;
use crate::workspace;

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

fn check(name: &str) {
    let case = workspace::path("tests/cases").join(name);
    let quern = Quern::in_base_project();
    quern.add(&case.join("project"));
    let commands = fs::read_to_string(case.join("command.txt"));
    let mut session = String::new();
    for line in commands.as_deref().unwrap_or("quern parse").lines().filter(|line| !line.is_empty())
    {
        let outcome = quern.shell(line);
        write!(session, "$ {line}\n{}", quern.normalise(&outcome.text)).expect("memory");
        if !session.ends_with('\n') {
            session.push('\n');
        }
        if !outcome.succeeded {
            writeln!(session, "exit code {}", outcome.code).expect("memory");
        }
        assert!(!outcome.text.contains("panicked at"), "`{name}` is a panic:\n{session}");
    }
    let place = case.join("expected.txt");
    if std::env::var_os("QUERN_UPDATE_EXPECTED").is_some() {
        fs::write(place, session).expect("the case can be written");
        return;
    }
    let expected = fs::read_to_string(&place).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        expected == session,
        "`{name}` prints something else than {}:\n{}",
        place.display(),
        difference(&expected, &session)
    );
}

/// The lines that only one of the texts has, at the place where they first differ.
fn difference(expected: &str, found: &str) -> String {
    let same =
        expected.lines().zip(found.lines()).take_while(|(left, right)| left == right).count();
    let show = |sign: char, lines: std::str::Lines<'_>| {
        lines.map(|line| format!("{sign} {line}")).collect::<Vec<_>>().join("\n")
    };
    let rest = |text: &str| text.lines().skip(same).collect::<Vec<_>>().join("\n");
    let before = expected.lines().take(same).collect::<Vec<_>>().join("\n");
    [show(' ', before.lines()), show('-', rest(expected).lines()), show('+', rest(found).lines())]
        .join("\n")
}

#[test]
fn every_folder_is_a_test() {
    assert_eq!(LISTED, workspace::folders(&workspace::path("tests/cases")));
}

#[test]
fn every_case_has_a_project_and_an_expectation() {
    for name in LISTED {
        let case = workspace::path("tests/cases").join(name);
        assert!(case.join("project").is_dir(), "`{name}` has no project");
        assert!(case.join("expected.txt").is_file(), "`{name}` has no expected.txt");
    }
}
