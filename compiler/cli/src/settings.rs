//! What every option is in the end: the command line, else the environment, else `flags:` of the project, else dbt's
//! default.

mod told;

use indexmap::IndexMap;
use project::settings::behaviour::BEHAVIOUR_FLAGS;
use serde_json::{Value, json};
use source::{Diagnostic, FileId, Warned, codes, yaml};

use crate::arguments::option::{Kind, OptionSpec, Preset};
use crate::arguments::{Said, options_of};
use crate::environment_variables::{truth, value_of};
use crate::world::World;

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// Nobody.
    Preset,
    /// `flags:` of `dbt_project.yml`.
    Project,
    /// An environment variable.
    Environment,
    /// The command line.
    CommandLine,
}

/// The options of a command, each with its value.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The command, such as `docs generate`.
    pub command: &'static str,
    /// The positional argument.
    pub positional: Option<String>,
    values: IndexMap<&'static str, (Value, Origin)>,
    behaviour: IndexMap<String, Value>,
}

/// Options for all commands that a repeated command takes from the earlier one: the others say how to talk.
const KEPT: &[&str] = &[
    "indirect-selection",
    "fail-fast",
    "profile",
    "target",
    "defer",
    "favor-state",
    "state",
    "defer-state",
    "warn-error",
    "warn-error-options",
];

impl Settings {
    /// Puts together what was said. Wrong values are errors of usage, told as text.
    pub(crate) fn resolve(said: &Said, world: &World) -> Result<Self, String> {
        let mut values = IndexMap::new();
        for option in options_of(said.command.name) {
            let choice = match said.options.get(option.name) {
                Some(value) => {
                    (checked(option, value, &format!("--{}", option.name))?, Origin::CommandLine)
                }
                None => match value_of(option, world) {
                    Some((variable, value, is_opposite)) => (
                        from_variable(option, &variable, &value, is_opposite)?,
                        Origin::Environment,
                    ),
                    None => (preset(option), Origin::Preset),
                },
            };
            values.insert(option.name, choice);
        }
        let behaviour = BEHAVIOUR_FLAGS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let mut settings = Self {
            command: said.command.name,
            positional: said.positional.clone(),
            values,
            behaviour,
        };
        // As dbt: what is said of the console holds for the log file too, unless the file has its own word.
        for (general, file) in [
            ("log-format", "log-format-file"),
            ("log-level", "log-level-file"),
            ("use-colors", "use-colors-file"),
        ] {
            if settings.origin(file) == Origin::Preset && settings.origin(general) > Origin::Preset
            {
                let value = settings.values[general].clone();
                settings.values.insert(file, value);
            }
        }
        settings.check_together()?;
        settings.check_folders(world)?;
        Ok(settings)
    }

    /// The options of an earlier command, from the `args` of its results; what is said now comes first.
    pub(crate) fn again(
        command: &'static str,
        earlier: &serde_json::Map<String, Value>,
        now: &Self,
    ) -> Self {
        // Of all arguments that are not options, `run-operation` alone has one that is recorded.
        let name = earlier.get("macro").and_then(Value::as_str).map(str::to_owned);
        let mut again = Self {
            command,
            positional: name.filter(|_| command == "run-operation"),
            values: IndexMap::new(),
            behaviour: now.behaviour.clone(),
        };
        for option in options_of(command) {
            let is_said_now = now.origin(option.name) > Origin::Project;
            let choice = match (now.values.get(option.name), earlier.get(&option.argument_key())) {
                (Some(choice), _)
                    if is_said_now || !KEPT.contains(&option.name) && option.is_global() =>
                {
                    choice.clone()
                }
                (_, Some(value)) => (value.clone(), Origin::CommandLine),
                (Some(choice), None) => choice.clone(),
                (None, None) => (preset(option), Origin::Preset),
            };
            again.values.insert(option.name, choice);
        }
        again
    }

    /// What cannot be said together.
    fn check_together(&self) -> Result<(), String> {
        let is_said = |name: &str| self.origin(name) > Origin::Preset;
        for (one, other) in [
            ("select", "inline"),
            ("selector", "inline"),
            ("models", "select"),
            ("models", "resource-type"),
        ] {
            if is_said(one) && is_said(other) && !self.is_nothing(one) && !self.is_nothing(other) {
                return Err(format!("`--{one}` and `--{other}` cannot be used together"));
            }
        }
        self.check_warning_options()?;
        // A script whose variable is empty means some time; without one the run would be another.
        if self.origin("session-time") == Origin::CommandLine && self.value("session-time") == "" {
            return Err("`--session-time` names no time; leave it out for a run without one".into());
        }
        if is_said("event-time-start") != is_said("event-time-end") {
            return Err("`--event-time-start` and `--event-time-end` need each other".into());
        }
        Ok(())
    }

    /// Whether warnings are errors is said in one way, whoever says it and even where it says no; dbt's rule.
    pub(crate) fn check_warning_options(&self) -> Result<(), String> {
        let (all, some) = ("warn-error", "warn-error-options");
        let is_said =
            |name: &str| self.origin(name) > Origin::Preset && !self.value(name).is_null();
        if !is_said(all) || !is_said(some) {
            return Ok(());
        }
        Err(format!("{} and {} cannot be used together", self.spelling(all), self.spelling(some)))
    }

    /// Which tests come along has no word but those of the option, also in `flags:` of the project; dbt's rule.
    pub(crate) fn check_indirect_selection(&self) -> Result<(), String> {
        let name = "indirect-selection";
        let Some(said) = self.text(name) else { return Ok(()) };
        let words = options_of(self.command).find_map(|option| match option.kind {
            Kind::Choice(words) if option.name == name => Some(words),
            _ => None,
        });
        match words {
            Some(words) if !words.contains(&said) => {
                let words = words.join(", ");
                Err(format!("{} is `{said}`, which is not one of {words}", self.spelling(name)))
            }
            _ => Ok(()),
        }
    }

    /// An option as whoever said it spells it.
    fn spelling(&self, name: &str) -> String {
        match self.origin(name) {
            Origin::Project => format!("`{}` of `flags`", name.replace('-', "_")),
            _ => format!("`--{name}`"),
        }
    }

    /// Named folders must be there, but for commands that make them or tell what is missing.
    fn check_folders(&self, world: &World) -> Result<(), String> {
        for name in ["project-dir", "profiles-dir"] {
            let may_be_missing =
                name == "profiles-dir" && matches!(self.command, "debug" | "deps" | "init");
            let missing = self.text(name).filter(|path| !world.absolute(path).exists());
            if let Some(path) = missing.filter(|_| !may_be_missing) {
                return Err(format!("Invalid value for '--{name}': Path '{path}' does not exist."));
            }
        }
        Ok(())
    }

    /// Takes in `flags:` of the project file, for what neither the command line nor the environment says.
    pub(crate) fn apply_project_flags(&mut self, flags: &IndexMap<String, Value>) {
        for (name, value) in flags {
            let key = name.replace('_', "-");
            if let Some((known, choice)) = self.values.iter_mut().find(|(known, _)| **known == key)
            {
                // A value of a wrong kind is left alone: dbt's own project files of all ages have some.
                let is_fitting = std::mem::discriminant(value) == std::mem::discriminant(&choice.0)
                    || choice.0.is_null()
                    || *known == "warn-error-options";
                if choice.1 == Origin::Preset && is_fitting {
                    *choice = (value.clone(), Origin::Project);
                }
            } else {
                self.behaviour.insert(name.clone(), value.clone());
            }
        }
    }

    /// Who said an option.
    pub(crate) fn origin(&self, name: &str) -> Origin {
        self.values.get(name).map_or(Origin::Preset, |(_, origin)| *origin)
    }

    fn value(&self, name: &str) -> &Value {
        self.values.get(name).map_or(&Value::Null, |(value, _)| value)
    }

    fn is_nothing(&self, name: &str) -> bool {
        match self.value(name) {
            Value::Null | Value::Bool(false) => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// Whether a flag or switch is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.value(name) == &Value::Bool(true)
    }

    /// Whether a switch is on, when somebody said so or not.
    pub(crate) fn said_switch(&self, name: &str) -> Option<bool> {
        (self.origin(name) > Origin::Preset).then(|| self.is_on(name))
    }

    /// Whether a behaviour flag is on.
    pub(crate) fn is_behaviour_on(&self, name: &str) -> bool {
        self.behaviour.get(name) == Some(&Value::Bool(true))
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_str().filter(|text| !text.is_empty())
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.value(name).as_i64()
    }

    /// A list of texts.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let items = self.value(name).as_array().into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// A dictionary.
    pub(crate) fn dictionary(&self, name: &str) -> IndexMap<String, Value> {
        let entries = self.value(name).as_object().into_iter().flatten();
        entries.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// `flags` of templates: every option and behaviour flag in upper case, with `WHICH` and `INVOCATION_COMMAND`.
    pub(crate) fn flags(&self, invocation_command: &str) -> IndexMap<String, Value> {
        let mut flags: IndexMap<String, Value> = self
            .options()
            .map(|(option, value)| (option.argument_key().to_uppercase(), value.clone()))
            .collect();
        // dbt has these for all commands, whether they have the option or not.
        for (name, preset) in [
            ("FULL_REFRESH", json!(false)),
            ("STORE_FAILURES", json!(false)),
            ("STRICT_MODE", json!(false)),
            ("INTROSPECT", json!(true)),
        ] {
            flags.entry(name.to_owned()).or_insert(preset);
        }
        flags.insert("WHICH".into(), json!(self.which()));
        flags.insert("INVOCATION_COMMAND".into(), json!(invocation_command));
        for (name, value) in &self.behaviour {
            flags.insert(name.to_uppercase(), value.clone());
        }
        flags
    }

    /// The options of the command, with what each of them is.
    fn options(&self) -> impl Iterator<Item = (&'static OptionSpec, &Value)> {
        let options = options_of(self.command);
        options
            .filter(|option| !option.name.starts_with("deprecated-") && option.name != "version")
            .map(|option| (option, self.value(option.name)))
    }

    /// dbt's word for the command: `generate` for `docs generate`.
    pub(crate) fn which(&self) -> &'static str {
        match self.command {
            "source freshness" => "freshness",
            name => name.rsplit(' ').next().unwrap_or(name),
        }
    }
}

fn preset(option: &OptionSpec) -> Value {
    match (option.preset, option.kind) {
        (Preset::On, _) => json!(true),
        (Preset::Off, _) => json!(false),
        (Preset::Text(text), _) => json!(text),
        (Preset::Number(number), _) => json!(number),
        (Preset::None, Kind::Many | Kind::ManyChoices(_)) => json!([]),
        (Preset::None, Kind::Yaml) => json!({}),
        (Preset::None, _) => Value::Null,
    }
}

/// Reads the YAML of options that take it; nothing is done on no thread.
fn checked(option: &OptionSpec, value: &Value, shown: &str) -> Result<Value, String> {
    match (option.kind, value) {
        (Kind::Yaml, Value::String(text)) => {
            read_dictionary(option, text, shown).map(Value::Object)
        }
        (Kind::Number, Value::Number(number))
            if option.name == "threads" && number.as_i64().is_some_and(|threads| threads < 1) =>
        {
            Err(format!("`{shown}` must be above zero, and is `{number}`"))
        }
        _ => Ok(value.clone()),
    }
}

/// A dictionary as YAML or JSON on the command line.
fn read_dictionary(
    option: &OptionSpec,
    text: &str,
    shown: &str,
) -> Result<serde_json::Map<String, Value>, String> {
    let code = if option.name == "vars" { codes::VARS_INVALID } else { codes::USAGE };
    let Warned { value, diagnostics } = yaml::read(text, FileId(u32::MAX));
    if let Some(error) = diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        return Err(format!(
            "the YAML of `{shown}` is not well-formed: {} [{code}]",
            error.message
        ));
    }
    match value.as_ref().map(yaml::marked::to_json) {
        Some(Value::Object(entries)) => Ok(entries),
        _ => Err(format!(
            "`{shown}` takes a YAML dictionary, such as '{{name: value}}', and got `{text}` [{code}]"
        )),
    }
}

fn from_variable(
    option: &OptionSpec,
    variable: &str,
    text: &str,
    is_opposite: bool,
) -> Result<Value, String> {
    let wrong = |expected: &str| {
        format!("the environment variable `{variable}` is `{text}`, which is not {expected}")
    };
    match option.kind {
        Kind::Flag | Kind::Switch => {
            let value =
                truth(text).ok_or_else(|| wrong("a truth value, such as `true` or `false`"))?;
            Ok(json!(value != is_opposite))
        }
        Kind::Text => Ok(json!(text)),
        Kind::Number => text
            .trim()
            .parse::<i64>()
            .map(|number| json!(number))
            .map_err(|_| wrong("a whole number")),
        Kind::Choice(words) => {
            let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
            word.map(|word| json!(word))
                .ok_or_else(|| wrong(&format!("one of {}", words.join(", "))))
        }
        Kind::Many => Ok(text.split_whitespace().map(|word| json!(word)).collect()),
        Kind::ManyChoices(words) => text
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .map(|word| {
                let known = words.iter().find(|known| known.eq_ignore_ascii_case(word));
                known
                    .map(|known| json!(known))
                    .ok_or_else(|| wrong(&format!("made of {}", words.join(", "))))
            })
            .collect(),
        Kind::Yaml => read_dictionary(option, text, variable).map(Value::Object),
    }
}

/// The error of a command line as a diagnostic.
pub(crate) fn usage(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(codes::USAGE, message)
}
