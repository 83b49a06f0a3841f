//! The commands in a README: the `console` blocks, each command with the lines that are to follow it.

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
            is_within = !is_within && marks.next() == Some("console") && !marks.any(|mark| mark == "no-test");
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

/// The first shown line that the output lacks, the lines in their order; `…` stands for any lines.
///
/// Spaces, durations and the dots that fill a line are not compared.
pub fn missing_line<'a>(command: &'a Command, output: &str) -> Option<&'a str> {
    let mut lines = output.lines().map(simple);
    command
        .output
        .iter()
        .filter(|line| !line.is_empty() && *line != "…")
        .find(|line| !lines.any(|found| found.ends_with(&simple(line))))
        .map(String::as_str)
}

fn simple(line: &str) -> String {
    let duration = fancy_regex::Regex::new(r"\b\d+\.\d+s\b|\.{3,}").expect("well-formed");
    duration.replace_all(line, "").split_whitespace().collect::<Vec<_>>().join(" ")
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
fn shown_lines_are_to_come_in_their_order() {
    let command = Command {
        line: String::new(),
        output: ["…", "OK a .... [OK in 0.05s]", "…", "Done."].map(str::to_owned).into(),
    };
    assert_eq!(missing_line(&command, "12:00:00  OK a ....... [OK in 7.11s]\nmore\nDone.\n"), None);
    assert_eq!(missing_line(&command, "Done.\nOK a ...... [OK in 7.11s]\n"), Some("Done."));
}
