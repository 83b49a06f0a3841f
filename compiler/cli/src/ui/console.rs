//! Where events go: the screen and the log file, each with its level and format.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use source::Clock;

use super::colour::plain;
use super::event::{Level, LogEvent};
use super::json::{Envelope, line};
use super::log_file::LogFile;
use super::progress::Progress;
use super::secrets::Secrets;
use crate::world::{Output, World, write};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `12:00:00  message`.
    Text,
    /// `12:00:00.000000 [info ] [MainThread]: message`.
    Debug,
    /// An object.
    Json,
}

impl Format {
    /// The format of dbt's word; `default` is `preset`.
    pub(crate) fn parse(word: &str, preset: Self) -> Self {
        match word {
            "text" => Self::Text,
            "debug" => Self::Debug,
            "json" => Self::Json,
            _ => preset,
        }
    }
}

/// What goes to the screen or the file, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel {
    /// The least level; none for nothing at all.
    pub level: Option<Level>,
    /// The format.
    pub format: Format,
    /// Whether lines have colours.
    pub is_coloured: bool,
}

/// `12:00:00.000000`, in UTC. Each statement has some lines, and a format that is read anew for each takes longer.
fn time_of_day(moment: Timestamp) -> String {
    let microseconds = moment.as_microsecond().rem_euclid(86_400_000_000);
    let (seconds, fraction) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let (minutes, second) = (seconds / 60, seconds % 60);
    format!("{:02}:{:02}:{second:02}.{fraction:06}", minutes / 60, minutes % 60)
}

/// The screen and the log file; shared by all threads.
pub(crate) struct Console {
    output: Output,
    clock: std::sync::Arc<dyn Clock>,
    screen: Channel,
    file: Channel,
    envelope: Envelope,
    prints: bool,
    has_log: bool,
    state: Mutex<State>,
}

struct State {
    log: Option<LogFile>,
    secrets: Secrets,
    progress: Option<Progress>,
}

/// How a console is set up.
pub(crate) struct ConsoleInput {
    /// The screen.
    pub screen: Channel,
    /// The log file.
    pub file: Channel,
    /// The open log file.
    pub log: Option<LogFile>,
    /// What JSON lines have in common.
    pub envelope: Envelope,
    /// Texts never to show.
    pub secrets: Vec<String>,
    /// Whether `print()` of macros is heard (`--print`).
    pub prints: bool,
}

impl Console {
    /// A console in a world.
    pub(crate) fn new(world: &World, input: ConsoleInput) -> Self {
        let mut secrets = Secrets::default();
        secrets.add(input.secrets);
        Self {
            output: world.stdout.clone(),
            clock: world.clock.clone(),
            screen: input.screen,
            file: input.file,
            envelope: input.envelope,
            prints: input.prints,
            has_log: input.log.is_some(),
            state: Mutex::new(State { log: input.log, secrets, progress: None }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says an event.
    pub(crate) fn fire(&self, event: &LogEvent) {
        let moment = Timestamp::from_microsecond(self.clock.now_microseconds()).unwrap_or_default();
        // What was asked for passes even `--quiet`.
        let level = if event.is_print() { Level::Error } else { event.level };
        let passes = |channel: &Channel| channel.level.is_some_and(|least| level >= least);
        // Cleaning deletes the log folder; writing would make it again.
        let is_for_file = self.has_log && !matches!(event.code, "Z012" | "Z013" | "Z014" | "Z015");
        // Lines are drawn before the lock is taken, lest workers wait for each other.
        let drawn = |channel: &Channel| {
            let mut text = self.drawn(event, *channel, moment);
            text.push('\n');
            text
        };
        let for_screen = passes(&self.screen).then(|| drawn(&self.screen));
        let for_file = (is_for_file && passes(&self.file)).then(|| drawn(&self.file));
        if for_screen.is_none() && for_file.is_none() {
            return;
        }
        let mut state = self.lock();
        if let Some(text) = for_screen {
            let text = state.secrets.scrub(&text);
            match &state.progress {
                Some(progress) => progress.suspend(|| write(&self.output, &text)),
                None => write(&self.output, &text),
            }
        }
        if let Some(text) = for_file {
            let State { log, secrets, .. } = &mut *state;
            if let Some(log) = log {
                log.write(&secrets.scrub(&text));
                // Each write costs as much as the line: who waits for a statement finds that one in the file.
                let is_waited_for = matches!(event.name, "SQLQuery" | "CommandCompleted");
                if is_waited_for || event.level > Level::Debug {
                    log.flush();
                }
            }
        }
    }

    /// Writes a text that is no event, above the live region.
    pub(crate) fn aside(&self, output: &Output, text: &str) {
        match &self.lock().progress {
            Some(progress) => progress.suspend(|| write(output, text)),
            None => write(output, text),
        }
    }

    fn drawn(&self, event: &LogEvent, channel: Channel, moment: Timestamp) -> String {
        let message =
            if channel.is_coloured { event.message.clone() } else { plain(&event.message) };
        match channel.format {
            Format::Json => line(event, &self.envelope, &format!("{moment:.6}")),
            Format::Text if event.is_print() => message,
            Format::Text => format!("{}  {message}", moment.strftime("%H:%M:%S")),
            Format::Debug => {
                let time = time_of_day(moment);
                let thread = event.thread.as_deref().unwrap_or("MainThread");
                let start = if event.name == "MainReportVersion" {
                    let rule = "=".repeat(30);
                    format!("\n\n{rule} {time} | {} {rule}\n", self.envelope.invocation_id)
                } else {
                    String::new()
                };
                format!("{start}{time} [{:<5}] [{thread:<10.10}]: {message}", event.level.as_str())
            }
        }
    }

    /// Prints what a macro prints, unless the user wants none of it.
    pub(crate) fn print(&self, text: &str) {
        if self.prints {
            self.fire(&LogEvent::print(text));
        }
    }

    /// Takes in texts never to show, once they are known.
    pub(crate) fn hide(&self, secrets: &[String]) {
        self.lock().secrets.add(secrets.iter().cloned());
    }

    /// The secrets, for what is written piece by piece.
    pub(crate) fn secrets(&self) -> Secrets {
        self.lock().secrets.clone()
    }

    /// The text without secrets, for files.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.lock().secrets.scrub(text).into_owned()
    }

    /// Whether the screen has lines for people, so that a live region below them is of use.
    pub(crate) fn is_for_people(&self) -> bool {
        self.screen.format == Format::Text
            && self.screen.level.is_some_and(|level| level <= Level::Info)
    }

    /// The fields of an event, where somebody reads them: only lines of JSON show any.
    pub(crate) fn data(&self, data: impl FnOnce() -> Value) -> Value {
        let is_json = |channel: &Channel| channel.format == Format::Json && channel.level.is_some();
        if is_json(&self.screen) || is_json(&self.file) { data() } else { Value::Null }
    }

    /// Whether anything that is only for who looks closely is shown or written.
    pub(crate) fn hears_debug(&self) -> bool {
        let hears = |channel: &Channel| channel.level.is_some_and(|least| least <= Level::Debug);
        hears(&self.screen) || (self.has_log && hears(&self.file))
    }

    /// Whether drawings may have colours.
    pub(crate) fn is_coloured(&self) -> bool {
        self.screen.is_coloured && self.screen.format != Format::Json
    }

    /// Whether only errors are said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.screen.level.is_none_or(|level| level >= Level::Error)
    }

    /// Shows or takes away the live region.
    pub(crate) fn set_progress(&self, progress: Option<Progress>) {
        self.lock().progress = progress;
    }

    /// Lets the live region change.
    pub(crate) fn with_progress(&self, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = &mut self.lock().progress {
            change(progress);
        }
    }
}
