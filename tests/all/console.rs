//! The commands in a README: the `console` blocks, each command with the lines that are to follow it.

use crate::pattern::regex;

/// A command and what the text shows of its output.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// What stands after `$ `.
    pub line: String,
    /// The lines below it.
    pub output: Vec<String>,
}

/// The commands of all blocks marked `console`, in order; those marked `no-test` too are left out.
pub fn commands(markdown: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut is_within = false;
    for line in markdown.lines() {
        if let Some(marks) = line.strip_prefix("```") {
            let mut marks = marks.split(',').map(str::trim);
            is_within = !is_within
                && marks.next() == Some("console")
                && !marks.any(|mark| mark == "no-test");
        } else if is_within {
            if let Some(command) = line.strip_prefix("$ ") {
                commands.push(Command { line: command.to_owned(), output: Vec::new() });
            } else if let Some(command) = commands.last_mut() {
                command.output.push(line.to_owned());
            }
        }
    }
    commands
}

/// The first shown line that the output lacks; `…` stands for any lines.
///
/// The lines of tables are to come in their order, those of threads come in any. Spaces, durations and the dots that
/// fill a line are not compared.
pub fn missing_line<'a>(command: &'a Command, output: &str) -> Option<&'a str> {
    let lines: Vec<String> = output.lines().map(simple).collect();
    let mut passed = 0;
    for line in command.output.iter().filter(|line| !line.is_empty() && *line != "…") {
        let start = if line.starts_with('|') { passed } else { 0 };
        let wanted = simple(line);
        match lines[start..].iter().position(|found| found.ends_with(&wanted)) {
            Some(place) if line.starts_with('|') => passed = start + place + 1,
            Some(_) => {}
            None => return Some(line),
        }
    }
    None
}

fn simple(line: &str) -> String {
    regex(r"\b\d+\.\d+s\b|\.{3,}")
        .replace_all(line, "")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn commands_are_read_from_console_blocks() {
    let text = "```console\n$ a b\nx\n…\n$ c\n```\n```sh\n$ d\n```\n```console,no-test\n$ e\n```\n";
    let command = |line: &str, output: &[&str]| Command {
        line: line.to_owned(),
        output: output.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_eq!(commands(text), [command("a b", &["x", "…"]), command("c", &[])]);
}

#[test]
fn lines_of_tables_are_to_come_in_their_order() {
    let command = |lines: &[&str]| Command {
        line: String::new(),
        output: lines.iter().map(|line| (*line).to_owned()).collect(),
    };
    let output = "12:00:00  OK a ....... [OK in 7.11s]\n|  day |\n| 1 |\nDone.\n";
    let shown = command(&["Done.", "…", "OK a .... [OK in 0.05s]", "| day |", "| 1 |"]);
    assert_eq!(missing_line(&shown, output), None);
    assert_eq!(missing_line(&command(&["| 1 |", "| day |"]), output), Some("| day |"));
    assert_eq!(missing_line(&command(&["OK b"]), output), Some("OK b"));
}
