//! One command being run: what was said to it, where it talks to, and what all its stages share.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use project::Environment;
use serde_json::{Value, json};
use source::{Diagnostic, FileId, Severity, Sources, codes, yaml};

use crate::environment_variables::secrets;
use crate::event_times::Earlier;
use crate::settings::Settings;
use crate::ui::colour::yellow;
use crate::ui::console::{Channel, Console, ConsoleInput, Format};
use crate::ui::diagnostics;
use crate::ui::event::{Level, LogEvent};
use crate::ui::events_of_codes::{event_of, is_counted};
use crate::ui::json::Envelope;
use crate::ui::lines::plural;
use crate::ui::log_file::LogFile;
use crate::ui::warnings::WarningRules;
use crate::world::World;
use crate::{DBT_VERSION, VERSION, custom_variables, forces_colours};

/// Why a command could not go on.
#[derive(Debug, Default)]
pub(crate) struct Failure {
    /// What to say about it; at least one is an error.
    pub diagnostics: Vec<Diagnostic>,
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

/// A command being run.
pub(crate) struct Invocation {
    /// The outside.
    pub world: World,
    /// The options.
    pub settings: Settings,
    /// Where it talks to.
    pub console: Arc<Console>,
    /// All texts that were read.
    pub sources: Arc<Sources>,
    /// Its id.
    pub id: String,
    /// When it started, in microseconds since 1970.
    pub started_at: i64,
    /// What was typed.
    pub command_line: String,
    /// Which warnings are errors.
    pub rules: WarningRules,
    /// The nodes to work on by unique id, instead of a selection (`retry`).
    pub only: Option<Vec<String>>,
    /// What an earlier run left to do (`retry`).
    pub earlier: Earlier,
    /// How often each deprecation was met, by dbt's name of it.
    deprecations: Arc<Mutex<IndexMap<&'static str, usize>>>,
    /// The project's folder, absolute; where there is none, the current folder.
    pub project_directory: PathBuf,
    /// Whether `profiles.yml` has flags of the project.
    pub older_flags: OlderFlags,
}

/// `config` of `profiles.yml`, which is now `flags` of `dbt_project.yml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OlderFlags {
    /// There is none.
    None,
    /// There is one, and it counts.
    Used,
    /// Both are there, which dbt refuses.
    Double,
}

impl Invocation {
    /// Makes everything ready: finds the project's folder, reads its `flags:`, opens the log file, says hello.
    pub(crate) fn start(
        world: World,
        mut settings: Settings,
        command_line: String,
        wants_colours: bool,
    ) -> Self {
        let project_directory = find_project(&world, &settings);
        let early = EarlyProject::read(&project_directory);
        let older_flags = older_flags(&world, &settings, &project_directory);
        let is_said_twice = !early.flags.is_empty() && !older_flags.is_empty();
        settings.apply_project_flags(if early.flags.is_empty() {
            &older_flags
        } else {
            &early.flags
        });
        let id = uuid::Uuid::new_v4().to_string();
        let started_at = world.clock.now_microseconds();
        let (console, log_failure) =
            open_console(&world, &settings, &project_directory, &early, &id, wants_colours);
        let invocation = Self {
            rules: WarningRules::read(&settings),
            console: Arc::new(console),
            sources: Arc::new(Sources::new()),
            id,
            started_at,
            command_line,
            only: None,
            earlier: Earlier::default(),
            deprecations: Arc::default(),
            project_directory,
            world,
            settings,
            older_flags: match (older_flags.is_empty(), is_said_twice) {
                (true, _) => OlderFlags::None,
                (false, false) => OlderFlags::Used,
                (false, true) => OlderFlags::Double,
            },
        };
        invocation.world.enter(&invocation.project_directory);
        if !matches!(invocation.settings.command, "explain" | "completions") {
            invocation.say_hello(log_failure);
        }
        invocation
    }

    /// The same invocation for another command, on these nodes.
    pub(crate) fn again(
        &self,
        settings: Settings,
        only: Option<Vec<String>>,
        earlier: Earlier,
    ) -> Self {
        Self {
            world: self.world.clone(),
            rules: WarningRules::read(&settings),
            settings,
            console: self.console.clone(),
            sources: self.sources.clone(),
            id: self.id.clone(),
            started_at: self.started_at,
            command_line: self.command_line.clone(),
            only,
            earlier,
            deprecations: self.deprecations.clone(),
            project_directory: self.project_directory.clone(),
            older_flags: self.older_flags,
        }
    }

    fn say_hello(&self, log_failure: Option<String>) {
        let version = format!("={VERSION}");
        let data = json!({"version": version, "log_version": 3, "dbt_version": DBT_VERSION});
        let line = format!("Running with quern{version} (dbt {DBT_VERSION})");
        self.console.fire(&LogEvent::new(Level::Info, ("MainReportVersion", "A001"), line, data));
        if let Some(failure) = log_failure {
            let warning = Diagnostic::warning(codes::WRITE_FAILED, failure).hint(
                "name another folder with `--log-path`, or none with `--log-level-file none`",
            );
            diagnostics::say(&self.console, &self.sources, &warning);
        }
        let arguments = self.arguments();
        let line = format!("running quern with arguments {}", json!(arguments));
        let data = json!({"args": arguments});
        self.console.fire(&LogEvent::new(Level::Debug, ("MainReportArgs", "A002"), line, data));
    }

    /// What the crates of the pipeline know of the outside.
    pub(crate) fn environment(&self) -> Environment {
        let settings = &self.settings;
        let threads = settings.number("threads").and_then(|threads| usize::try_from(threads).ok());
        Environment {
            variables: self.world.variables.clone(),
            vars: settings.dictionary("vars"),
            profile: settings.text("profile").map(str::to_owned),
            target: settings.text("target").map(str::to_owned),
            threads: threads.filter(|threads| *threads > 0),
            project_directory: self.project_directory.clone(),
            profiles_directory: settings.text("profiles-dir").map(|path| self.world.absolute(path)),
            session_time: settings.text("session-time").map(str::to_owned),
            home_directory: self.world.home_directory(),
            working_directory: self.world.working_directory.clone(),
            dbt_version: DBT_VERSION.to_owned(),
            checks_version: settings.is_on("version-check"),
        }
    }

    /// Says warnings and notes; errors, also those that `--warn-error` makes, end the command.
    pub(crate) fn heed(&self, found: Vec<Diagnostic>) -> Result<(), Failure> {
        let shows_all = self.settings.is_on("show-all-deprecations");
        let is_named = self.settings.is_behaviour_on("require_event_names_in_deprecations");
        let mut errors = Vec::new();
        for mut diagnostic in found.into_iter().filter_map(|one| self.rules.apply(one)) {
            if diagnostic.severity == Severity::Error {
                errors.push(diagnostic);
                continue;
            }
            let (event, _) = event_of(diagnostic.code);
            if is_counted(diagnostic.code) && diagnostic.severity == Severity::Warning {
                // They come by the hundred; one of each kind is enough to act on.
                let mut counts = self.deprecations.lock().unwrap_or_else(PoisonError::into_inner);
                let count = counts.entry(event).or_default();
                *count += 1;
                if *count > 1 && !shows_all {
                    continue;
                }
                if is_named {
                    diagnostic.message = format!("[{event}] {}", diagnostic.message);
                }
            }
            diagnostics::say(&self.console, &self.sources, &diagnostic);
        }
        if errors.is_empty() { Ok(()) } else { Err(Failure { diagnostics: errors }) }
    }

    /// The counts of what is deprecated, at the end of a command.
    pub(crate) fn say_deprecations(&self) {
        let counts = self.deprecations.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.is_empty() {
            return;
        }
        let shows_hint = !self.settings.is_on("show-all-deprecations")
            && counts.values().any(|count| *count > 1);
        let summaries: Vec<Value> = counts
            .iter()
            .map(|(name, count)| json!({"event_name": name, "occurrences": count}))
            .collect();
        let mut text = "Summary of encountered deprecations:".to_owned();
        for (name, count) in counts.iter() {
            let line = format!("\n- {name}: {}", plural(*count, "occurrence"));
            text.push_str(&line);
        }
        if shows_hint {
            text.push_str("\n`--show-all-deprecations` shows each of them");
        }
        let data = json!({"summaries": summaries, "show_all_hint": shows_hint});
        let line = format!("[{}] {text}", yellow("WARNING"));
        self.console.fire(&LogEvent::new(Level::Warn, ("DeprecationsSummary", "D028"), line, data));
    }

    /// `invocation_args_dict` and `args` of `run_results.json`; as in dbt with the folders, whoever named them.
    pub(crate) fn arguments(&self) -> IndexMap<String, Value> {
        let mut arguments = self.settings.arguments(&self.command_line);
        let folders = [
            ("project_dir", self.project_directory.clone()),
            ("log_path", self.project_directory.join("logs")),
        ];
        for (name, folder) in folders {
            let shown = || Value::from(folder.display().to_string());
            arguments.entry(name.to_owned()).or_insert_with(shown);
        }
        arguments.values_mut().for_each(yaml::marked::without_marks);
        arguments
    }

    /// Where compiled SQL and artifacts go.
    pub(crate) fn target_path(&self, of_project: &str) -> PathBuf {
        self.project_directory.join(self.settings.text("target-path").unwrap_or(of_project))
    }
}

/// The folder of `dbt_project.yml`: the named one, else the current one or the nearest above that has one.
fn find_project(world: &World, settings: &Settings) -> PathBuf {
    if let Some(path) = settings.text("project-dir") {
        return world.absolute(path);
    }
    let folder = &world.working_directory;
    let found = folder.ancestors().find(|folder| folder.join("dbt_project.yml").is_file());
    found.unwrap_or(folder).to_owned()
}

/// What of `dbt_project.yml` is needed before the project is read: where the log goes, and how.
#[derive(Default)]
struct EarlyProject {
    flags: IndexMap<String, Value>,
    log_path: Option<String>,
}

impl EarlyProject {
    /// Reads it; what is wrong with the file is told when the project is loaded.
    fn read(folder: &std::path::Path) -> Self {
        let Ok(text) = std::fs::read_to_string(folder.join("dbt_project.yml")) else {
            return Self::default();
        };
        let Some(document) = yaml::read(&text, FileId(u32::MAX)).value else {
            return Self::default();
        };
        let flags = document.get("flags").map(yaml::Node::to_json);
        let flags = flags.and_then(|flags| flags.as_object().cloned()).unwrap_or_default();
        let log_path = document.get("log-path").and_then(yaml::Node::as_str);
        Self {
            flags: flags.into_iter().collect(),
            log_path: log_path
                .filter(|path| !project::renderer::is_template(path))
                .map(str::to_owned),
        }
    }
}

/// `config` of `profiles.yml`; what is wrong with the file is told when the profile is read.
fn older_flags(
    world: &World,
    settings: &Settings,
    project_directory: &std::path::Path,
) -> IndexMap<String, Value> {
    let named = settings.text("profiles-dir").map(|path| world.absolute(path));
    let home = world.home_directory().map(|home| home.join(".dbt"));
    let near = [world.working_directory.clone(), project_directory.to_owned()];
    let folders: Vec<PathBuf> =
        named.map_or_else(|| near.into_iter().chain(home).collect(), |folder| vec![folder]);
    let text = folders
        .iter()
        .find_map(|folder| std::fs::read_to_string(folder.join("profiles.yml")).ok())
        // Most profiles have none, and need not be read twice.
        .filter(|text| text.lines().any(|line| line.starts_with("config")));
    let document = text.and_then(|text| yaml::read(&text, FileId(u32::MAX)).value);
    let flags = document.and_then(|document| Some(document.get("config")?.to_json()));
    flags.and_then(|flags| flags.as_object().cloned()).unwrap_or_default().into_iter().collect()
}

/// Sets up the screen and the log file; a log file that cannot be opened is told, and done without.
fn open_console(
    world: &World,
    settings: &Settings,
    project_directory: &std::path::Path,
    early: &EarlyProject,
    id: &str,
    wants_colours: bool,
) -> (Console, Option<String>) {
    let text = |name: &str| settings.text(name).unwrap_or_default();
    let is_terminal = world.stdout_is_terminal || forces_colours(world);
    let screen_level = if text("log-level") == "none" {
        None
    } else if settings.is_on("quiet") {
        Some(Level::Error)
    } else if settings.is_on("debug") {
        Some(Level::Debug)
    } else {
        Level::parse(text("log-level"))
    };
    let file_level = if settings.is_on("debug") && text("log-level-file") != "none" {
        Some(Level::Debug)
    } else {
        Level::parse(text("log-level-file"))
    };
    let has_project = project_directory.join("dbt_project.yml").is_file();
    let writes_log = file_level.is_some()
        && has_project
        && !matches!(settings.command, "explain" | "completions" | "init");
    let mut failure = None;
    let log = writes_log.then(|| {
        let folder = match settings.text("log-path") {
            Some(path) => world.absolute(path),
            None => project_directory.join(early.log_path.as_deref().unwrap_or("logs")),
        };
        let limit = settings
            .number("log-file-max-bytes")
            .and_then(|limit| u64::try_from(limit).ok())
            .unwrap_or(0);
        LogFile::open(&folder, limit).map_err(|error| {
            failure = Some(format!("no log file is written: `{}`: {error}", folder.display()));
        })
    });
    let input = ConsoleInput {
        screen: Channel {
            level: screen_level,
            format: Format::parse(text("log-format"), Format::Text),
            is_coloured: settings.is_on("use-colors") && wants_colours && is_terminal,
        },
        file: Channel {
            level: file_level,
            format: Format::parse(text("log-format-file"), Format::Debug),
            // In files colours are for who asks for them.
            is_coloured: settings.said_switch("use-colors-file") == Some(true),
        },
        log: log.and_then(Result::ok),
        envelope: Envelope {
            invocation_id: id.to_owned(),
            process_id: std::process::id(),
            extra: custom_variables(world),
        },
        secrets: secrets(&world.variables),
        prints: settings.is_on("print"),
    };
    (Console::new(world, input), failure)
}
