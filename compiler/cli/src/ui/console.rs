//! Where events go: the screen and the log file, each with its level and format.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

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

/// Puts `12:00:00.000000 `, in UTC, behind a text. Each statement has some lines, so this is done by hand: what the
/// standard library takes to pad numbers is more than the rest of a line.
fn push_time_of_day(text: &mut String, moment: Timestamp) {
    let microseconds = moment.as_microsecond().rem_euclid(86_400_000_000) as u64;
    let (seconds, fraction) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let parts = [
        (seconds / 3600, 2, ':'),
        (seconds / 60 % 60, 2, ':'),
        (seconds % 60, 2, '.'),
        (fraction, 6, ' '),
    ];
    for (number, digits, end) in parts {
        for place in (0..digits).rev() {
            text.push(char::from(b'0' + (number / 10_u64.pow(place) % 10) as u8));
        }
        text.push(end);
    }
}

/// Puts a word behind a text, cut and filled up with blanks to a width in characters.
fn push_column(text: &mut String, word: &str, width: usize) {
    let mut left = width;
    for character in word.chars().take(width) {
        text.push(character);
        left -= 1;
    }
    text.extend(std::iter::repeat_n(' ', left));
}

/// The screen and the log file; shared by all threads.
pub(crate) struct Console {
    output: Output,
    clock: std::sync::Arc<dyn Clock>,
    screen: Channel,
    file: Channel,
    envelope: Envelope,
    prints: bool,
    log: Option<LogFile>,
    secrets: RwLock<Secrets>,
    /// The live region; who writes to the screen holds it.
    progress: Mutex<Option<Progress>>,
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
        secrets.add_declared(input.secrets);
        Self {
            output: world.stdout.clone(),
            clock: world.clock.clone(),
            screen: input.screen,
            file: input.file,
            envelope: input.envelope,
            prints: input.prints,
            log: input.log,
            secrets: RwLock::new(secrets),
            progress: Mutex::new(None),
        }
    }

    fn progress(&self) -> MutexGuard<'_, Option<Progress>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hidden(&self) -> RwLockReadGuard<'_, Secrets> {
        self.secrets.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says an event.
    pub(crate) fn fire(&self, event: &LogEvent) {
        let moment = Timestamp::from_microsecond(self.clock.now_microseconds()).unwrap_or_default();
        // What was asked for passes even `--quiet`.
        let level = if event.is_print() { Level::Error } else { event.level };
        let passes = |channel: &Channel| channel.level.is_some_and(|least| level >= least);
        // Cleaning deletes the log folder; writing would make it again.
        let is_for_file = !matches!(event.code, "Z012" | "Z013" | "Z014" | "Z015");
        let drawn = |channel: &Channel| {
            let mut text = self.drawn(event, *channel, moment);
            text.push('\n');
            let hidden = self.hidden();
            match channel.format {
                Format::Json => hidden.scrub_json_line(&text).into_owned(),
                Format::Text | Format::Debug => hidden.scrub_line(&text).into_owned(),
            }
        };
        if let Some(log) = self.log.as_ref().filter(|_| is_for_file && passes(&self.file)) {
            log.write(drawn(&self.file));
        }
        if passes(&self.screen) {
            // Lines are drawn before the lock is taken, lest workers wait for each other.
            let text = drawn(&self.screen);
            self.aside(&self.output, &text);
        }
    }

    /// Has all that was said stand in the log file.
    pub(crate) fn finish(&self) {
        if let Some(log) = &self.log {
            log.finish();
        }
    }

    /// Writes a text that is no event, above the live region.
    pub(crate) fn aside(&self, output: &Output, text: &str) {
        match &*self.progress() {
            Some(progress) => progress.suspend(|| write(output, text)),
            None => write(output, text),
        }
    }

    fn drawn(&self, event: &LogEvent, channel: Channel, moment: Timestamp) -> String {
        let message = if channel.is_coloured {
            Cow::Borrowed(event.message.as_str())
        } else {
            plain(&event.message)
        };
        match channel.format {
            Format::Json => line(event, &self.envelope, &format!("{moment:.6}")),
            Format::Text if event.is_print() => message.into_owned(),
            Format::Text => format!("{}  {message}", moment.strftime("%H:%M:%S")),
            Format::Debug => {
                let mut line = String::with_capacity(message.len() + 64);
                if event.name == "MainReportVersion" {
                    let rule = "=".repeat(30);
                    line.extend(["\n\n", &rule, " "]);
                    push_time_of_day(&mut line, moment);
                    line.extend(["| ", &self.envelope.invocation_id, " ", &rule, "\n"]);
                }
                push_time_of_day(&mut line, moment);
                line.push('[');
                push_column(&mut line, event.level.as_str(), 5);
                line.push_str("] [");
                push_column(&mut line, event.thread.as_deref().unwrap_or("MainThread"), 10);
                line.push_str("]: ");
                line.push_str(&message);
                line
            }
        }
    }

    /// Prints what a macro prints, unless the user wants none of it.
    pub(crate) fn print(&self, text: &str) {
        if self.prints {
            self.fire(&LogEvent::print(text));
        }
    }

    /// Takes in the secret fields of a profile, once they are known.
    pub(crate) fn hide_credentials(&self, secrets: &[String]) {
        let mut hidden = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        hidden.add_credentials(secrets.iter().cloned());
    }

    /// Takes in what the user calls a secret, once it is known.
    pub(crate) fn hide_declared(&self, secrets: &[String]) {
        let mut hidden = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        hidden.add_declared(secrets.iter().cloned());
    }

    /// What must never be seen.
    pub(crate) fn secrets(&self) -> Secrets {
        self.hidden().clone()
    }

    /// The text without secrets, for lines.
    pub(crate) fn scrub_line(&self, text: &str) -> String {
        self.hidden().scrub_line(text).into_owned()
    }

    /// The text without secrets, for files.
    pub(crate) fn scrub_file(&self, text: &str) -> String {
        self.hidden().scrub_file(text).into_owned()
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
        hears(&self.screen) || (self.log.is_some() && hears(&self.file))
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
        *self.progress() = progress;
    }

    /// Lets the live region change.
    pub(crate) fn with_progress(&self, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = &mut *self.progress() {
            change(progress);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_columns_are_as_wide_as_ever() {
        let mut text = String::new();
        push_time_of_day(&mut text, Timestamp::from_microsecond(-86_399_999_958).unwrap());
        push_column(&mut text, "info", 5);
        push_column(&mut text, "Thread-1 (worker)", 10);
        push_column(&mut text, "Gerät", 6);
        assert_eq!(text, "00:00:00.000042 info Thread-1 (Gerät ");
    }
}
