//! The command line: which commands and options there are, and what was said.
//!
//! Commands and options are tables ([`commands`], [`options`]); the parser is made of them, and so are help,
//! completions, environment variables and the `flags` of templates. Each option is declared once.

pub(crate) mod commands;
pub(crate) mod option;
pub(crate) mod options;

#[cfg(test)]
mod tests;

use std::ffi::OsString;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Arg, ArgAction, ArgMatches, ColorChoice, Command};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::environment_variables::names_of;
use commands::{COMMANDS, CommandSpec};
use option::{Kind, OptionSpec, Preset};
use options::OPTIONS;

/// What the command line said.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// The command.
    pub command: &'static CommandSpec,
    /// The positional argument.
    pub positional: Option<String>,
    /// The options that were given, by name: a truth value, a text, or a list of texts.
    pub options: IndexMap<&'static str, Value>,
}

/// What to do with a command line.
#[derive(Debug)]
pub(crate) enum Reading {
    /// Run a command.
    Run(Box<Said>),
    /// Print the version.
    Version,
    /// Print this and succeed.
    Help(String),
    /// Print this to standard error and end with 2.
    Wrong(String),
}

/// Reads a command line, the program's name first.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>, is_coloured: bool) -> Reading {
    let choice = if is_coloured { ColorChoice::Always } else { ColorChoice::Never };
    let mut parser = parser().color(choice);
    let matches = match parser.try_get_matches_from_mut(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let text = if is_coloured {
                error.render().ansi().to_string()
            } else {
                error.render().to_string()
            };
            return if error.use_stderr() {
                Reading::Wrong(usage_error(&text))
            } else {
                Reading::Help(text)
            };
        }
    };
    if matches.get_flag("version") {
        return Reading::Version;
    }
    let Some((name, mut inner)) = matches.subcommand() else {
        return Reading::Wrong(parser.render_help().to_string());
    };
    let mut name = name.to_owned();
    if let Some((second, deeper)) = inner.subcommand() {
        name = format!("{name} {second}");
        inner = deeper;
    }
    if inner.get_flag("version") {
        return Reading::Version;
    }
    let Some(command) = commands::find(&name) else {
        let mut group = parser.find_subcommand(&name).cloned().unwrap_or_default();
        return Reading::Wrong(group.render_help().to_string());
    };
    let positional =
        command.positional.and_then(|(name, _)| inner.get_one::<String>(name).cloned());
    Reading::Run(Box::new(Said { command, positional, options: said_options(command, inner) }))
}

/// dbt says `Error: …`; tools look for it.
fn usage_error(text: &str) -> String {
    match text.find("error:") {
        Some(at) if at < 16 => format!("{}Error:{}", &text[..at], &text[at + "error:".len()..]),
        _ => format!("Error: {text}"),
    }
}

fn said_options(command: &CommandSpec, matches: &ArgMatches) -> IndexMap<&'static str, Value> {
    let mut said = IndexMap::new();
    for option in options_of(command.name) {
        let value = match option.kind {
            Kind::Flag => matches.get_flag(option.name).then_some(json!(true)),
            Kind::Switch => {
                let negative = format!("no-{}", option.name);
                if matches.get_flag(&negative) {
                    Some(json!(false))
                } else {
                    matches.get_flag(option.name).then_some(json!(true))
                }
            }
            Kind::Text | Kind::Yaml => {
                matches.get_one::<String>(option.name).map(|text| json!(text))
            }
            Kind::Choice(_) => {
                matches.get_one::<String>(option.name).map(|text| json!(text.to_lowercase()))
            }
            Kind::Number => matches.get_one::<i64>(option.name).map(|number| json!(number)),
            Kind::Many | Kind::ManyChoices(_) => matches
                .get_many::<String>(option.name)
                .map(|texts| texts.map(|text| json!(text)).collect()),
        };
        if let Some(value) = value {
            said.insert(option.name, value);
        }
    }
    said
}

/// The options of a command, its own first.
pub(crate) fn options_of(command: &str) -> impl Iterator<Item = &'static OptionSpec> + '_ {
    let own = OPTIONS.iter().filter(move |option| option.commands.contains(&command));
    own.chain(OPTIONS.iter().filter(move |option| {
        option.is_global()
            && !OPTIONS
                .iter()
                .any(|other| other.name == option.name && other.commands.contains(&command))
    }))
}

/// The parser of the whole command line.
pub(crate) fn parser() -> Command {
    let styles = Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default());
    let mut root = Command::new("quern")
        .bin_name("quern")
        .about("Builds tables and views from SQL templates: dbt projects, unchanged.")
        .styles(styles)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .args_override_self(true)
        .subcommand_value_name("COMMAND")
        .subcommand_help_heading("Commands")
        .after_help(
            "A first project:\n  \
             quern init shop && cd shop\n      a project that runs at once\n  \
             quern build\n      loads seeds, builds models and tests them\n  \
             quern show -s orders_by_day\n      the first rows of a model\n  \
             quern docs generate && quern docs serve\n      the documentation, in a browser\n\n\
             `quern COMMAND --help` says more. Options for all commands may stand before or after the command.\n\
             Each `QUERN_…` variable may also be written as dbt's: `DBT_TARGET` is `QUERN_TARGET`.\n\
             Exit codes: 0 all well, 1 something failed or a test found rows, 2 the command could not run.",
        )
        .arg(version_argument());
    for option in OPTIONS.iter().filter(|option| option.is_global()) {
        root = root.args(arguments_of(option).into_iter().map(|argument| argument.global(true)));
    }
    let mut groups: IndexMap<&str, Command> = IndexMap::new();
    for command in COMMANDS {
        match command.name.split_once(' ') {
            None => root = root.subcommand(subcommand(command, command.name)),
            Some((group, name)) => {
                let about = if group == "docs" {
                    "Write or serve the documentation site"
                } else {
                    "Check sources"
                };
                let parent = groups.entry(group).or_insert_with(|| {
                    let parent = Command::new(group).about(about).disable_help_subcommand(true);
                    parent.arg(version_argument())
                });
                *parent = std::mem::take(parent).subcommand(subcommand(command, name));
            }
        }
    }
    root.subcommands(groups.into_values())
}

fn version_argument() -> Arg {
    Arg::new("version")
        .long("version")
        .short('V')
        .short_alias('v')
        .action(ArgAction::SetTrue)
        .help("Print the version of quern, the dbt it is compatible with and its adapters")
}

fn subcommand(spec: &CommandSpec, name: &'static str) -> Command {
    let mut command = Command::new(name)
        .about(spec.about)
        .visible_aliases(spec.aliases.iter().copied())
        .disable_version_flag(true)
        .args_override_self(true)
        .arg(version_argument().hide(true));
    if let Some((positional, help)) = spec.positional {
        command =
            command.arg(Arg::new(positional).value_name(positional.to_uppercase()).help(help));
    }
    for option in OPTIONS.iter().filter(|option| option.commands.contains(&spec.name)) {
        command = command.args(arguments_of(option));
    }
    if !spec.examples.is_empty() {
        let lines: Vec<String> = spec
            .examples
            .iter()
            .map(|(line, meaning)| format!("  {line}\n      {meaning}"))
            .collect();
        command = command.after_help(format!("Examples:\n{}", lines.join("\n")));
    }
    command
}

/// The argument of an option; of a switch two, of which help shows the one that changes something.
fn arguments_of(option: &'static OptionSpec) -> Vec<Arg> {
    let mut argument = Arg::new(option.name)
        .long(option.name)
        .help(help_of(option))
        .hide(option.is_hidden)
        .aliases(option.aliases.iter().copied())
        .short_aliases(option.short_aliases.iter().copied());
    if let Some(letter) = option.short {
        argument = argument.short(letter);
    }
    if option.is_global() {
        argument = argument.help_heading("Options for all commands");
    }
    match option.kind {
        Kind::Flag => vec![argument.action(ArgAction::SetTrue)],
        Kind::Switch => {
            let negative = format!("no-{}", option.name);
            let shows_negative = option.preset == Preset::On;
            let opposite = Arg::new(negative.clone())
                .long(negative.clone())
                .help(help_of(option))
                .action(ArgAction::SetTrue)
                .overrides_with(option.name)
                .hide(option.is_hidden || !shows_negative);
            let opposite = if option.is_global() {
                opposite.help_heading("Options for all commands")
            } else {
                opposite
            };
            let hides = option.is_hidden || (shows_negative && option.short.is_none());
            vec![argument.action(ArgAction::SetTrue).overrides_with(negative).hide(hides), opposite]
        }
        Kind::Text | Kind::Yaml => {
            vec![argument.value_name(option.value_name).allow_hyphen_values(true)]
        }
        Kind::Number => vec![
            argument
                .value_name(option.value_name)
                .value_parser(clap::value_parser!(i64))
                .allow_negative_numbers(true),
        ],
        Kind::Choice(words) => vec![
            argument
                .value_name("WORD")
                .value_parser(clap::builder::PossibleValuesParser::new(words))
                .ignore_case(true),
        ],
        Kind::Many => {
            vec![argument.value_name(option.value_name).num_args(1..).action(ArgAction::Append)]
        }
        Kind::ManyChoices(words) => vec![
            argument
                .value_name(option.value_name)
                .num_args(1..)
                .action(ArgAction::Append)
                .value_parser(clap::builder::PossibleValuesParser::new(words))
                .ignore_case(true),
        ],
    }
}

fn help_of(option: &OptionSpec) -> String {
    let mut help = option.help.to_owned();
    match option.preset {
        Preset::Text(text) => help = format!("{help} [default: {text}]"),
        Preset::Number(number) => help = format!("{help} [default: {number}]"),
        Preset::None | Preset::On | Preset::Off => {}
    }
    if let Some(name) = names_of(option).first() {
        help = format!("{help} [env: {name}]");
    }
    help
}
