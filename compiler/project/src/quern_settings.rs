//! `quern.yml`, which stands beside `dbt_project.yml`: what quern knows and dbt does not.
//!
//! dbt ignores the file, so that a project which has one stays a project of dbt.

use jiff::tz::TimeZone;
use session::{Grain, TimeError, time_zone};
use source::yaml::Mapping;
use source::{Diagnostic, Spanned, Warned, codes};

use crate::fields::FieldReader;

/// `quern.yml`, with defaults for what it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuernSettings {
    /// `session:`, time as an input.
    pub session: SessionSettings,
    /// `ledger:`, the table of what was built.
    pub ledger: LedgerSettings,
}

/// `session:` of `quern.yml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSettings {
    /// `var`: the variable that carries the session time where `--session-time` does not; default `session_time`.
    pub variable: String,
    /// `timezone`: the zone whose calendar windows follow; default UTC.
    pub zone: TimeZone,
    /// The zone as it was written.
    pub zone_name: String,
    /// `grain`: the window of models that have none of their own; default a day.
    pub grain: Grain,
    /// `require`: which runs need a session time; default none.
    pub require: Requirement,
    /// `wall_clock`: what becomes of models that read the clock; default they may.
    pub wall_clock: WallClock,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            variable: "session_time".to_owned(),
            zone: TimeZone::UTC,
            zone_name: "UTC".to_owned(),
            grain: Grain::DAY,
            require: Requirement::Never,
            wall_clock: WallClock::Allow,
        }
    }
}

/// Which runs need a session time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// None.
    Never,
    /// Those that build an incremental model.
    Incremental,
    /// All.
    Always,
}

/// What becomes of models that read the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallClock {
    /// Nothing.
    Allow,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// `ledger:` of `quern.yml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerSettings {
    /// `enabled`: whether there is a ledger; default yes.
    pub is_enabled: bool,
    /// `schema`: where it stands; default the schema of the target.
    pub schema: Option<String>,
    /// `name`: the table; default `quern_ledger`.
    pub name: String,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self { is_enabled: true, schema: None, name: "quern_ledger".to_owned() }
    }
}

/// Reads a rendered `quern.yml`.
pub(crate) fn read(mapping: &Mapping) -> Warned<QuernSettings> {
    let mut reader = FieldReader::new(codes::QUERN_FILE_INVALID);
    reader.unknown_keys(mapping, &["session", "ledger"], "`quern.yml`");
    let session =
        reader.mapping(mapping, "session").map(|session| read_session(&mut reader, session));
    let ledger = reader.mapping(mapping, "ledger").map(|ledger| read_ledger(&mut reader, ledger));
    let value =
        QuernSettings { session: session.unwrap_or_default(), ledger: ledger.unwrap_or_default() };
    Warned { value, diagnostics: reader.diagnostics }
}

fn read_session(reader: &mut FieldReader, mapping: &Mapping) -> SessionSettings {
    const KEYS: &[&str] = &["var", "timezone", "grain", "require", "wall_clock"];
    reader.unknown_keys(mapping, KEYS, "`session` of `quern.yml`");
    let mut settings = SessionSettings::default();
    if let Some(variable) = reader.text(mapping, "var") {
        settings.variable = variable;
    }
    if let Some(name) = reader.spanned_text(mapping, "timezone")
        && let Some(zone) = understood(reader, &name, time_zone(&name.value))
    {
        settings.zone = zone;
        settings.zone_name = name.value;
    }
    if let Some(grain) = reader.spanned_text(mapping, "grain")
        && let Some(grain) = understood(reader, &grain, grain.value.parse())
    {
        settings.grain = grain;
    }
    let requirements = [
        ("never", Requirement::Never),
        ("incremental", Requirement::Incremental),
        ("always", Requirement::Always),
    ];
    if let Some(require) = word(reader, mapping, "require", &requirements) {
        settings.require = require;
    }
    let clocks =
        [("allow", WallClock::Allow), ("warn", WallClock::Warn), ("deny", WallClock::Deny)];
    if let Some(wall_clock) = word(reader, mapping, "wall_clock", &clocks) {
        settings.wall_clock = wall_clock;
    }
    settings
}

fn read_ledger(reader: &mut FieldReader, mapping: &Mapping) -> LedgerSettings {
    reader.unknown_keys(mapping, &["enabled", "schema", "name"], "`ledger` of `quern.yml`");
    let default = LedgerSettings::default();
    LedgerSettings {
        is_enabled: reader.boolean(mapping, "enabled").unwrap_or(default.is_enabled),
        schema: reader.text(mapping, "schema"),
        name: reader.text(mapping, "name").unwrap_or(default.name),
    }
}

/// A value that is right, or a diagnostic at its place.
fn understood<T>(
    reader: &mut FieldReader,
    written: &Spanned<String>,
    read: Result<T, TimeError>,
) -> Option<T> {
    read.map_err(|error| reader.error(error.to_string(), written.span)).ok()
}

/// One of some words.
fn word<T: Copy>(
    reader: &mut FieldReader,
    mapping: &Mapping,
    key: &str,
    words: &[(&str, T)],
) -> Option<T> {
    let told = reader.diagnostics.len();
    let written = reader.spanned_text(mapping, key)?;
    let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
    // `yes` or a number is told already, and quotes would not make it right.
    if reader.diagnostics.len() > told {
        if let Some(last) = reader.diagnostics.last_mut() {
            last.hint = Some(format!("write {}", known.join(", ")));
        }
        return None;
    }
    let found = words.iter().find(|(word, _)| *word == written.value);
    if found.is_none() {
        let message = format!("`{key}` must be {}, not `{}`", known.join(", "), written.value);
        let names = words.iter().map(|(word, _)| *word);
        let hint = source::suggest::did_you_mean(&written.value, names);
        reader.diagnostics.push(
            Diagnostic::error(codes::QUERN_FILE_INVALID, message)
                .at(written.span)
                .hint_optional(hint),
        );
    }
    found.map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use source::FileId;
    use source::yaml;

    use super::*;

    fn read_text(text: &str) -> Warned<QuernSettings> {
        let document = yaml::read(text, FileId(0)).value.unwrap();
        read(document.as_mapping().unwrap())
    }

    #[test]
    fn all_keys_are_read() {
        let read = read_text(
            "session:\n  var: digdag_session_time\n  timezone: Asia/Tokyo\n  grain: 2 weeks\n  require: incremental\n  \
             wall_clock: deny\nledger:\n  enabled: false\n  schema: control\n  name: built\n",
        );
        assert_eq!(read.diagnostics, []);
        let session = read.value.session;
        assert_eq!(session.variable, "digdag_session_time");
        assert_eq!(session.zone.iana_name(), Some("Asia/Tokyo"));
        assert_eq!(session.grain.to_string(), "2 weeks");
        assert_eq!(session.require, Requirement::Incremental);
        assert_eq!(session.wall_clock, WallClock::Deny);
        let ledger = LedgerSettings {
            is_enabled: false,
            schema: Some("control".to_owned()),
            name: "built".to_owned(),
        };
        assert_eq!(read.value.ledger, ledger);
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        assert_eq!(read_text("session:\nledger: {}").value, QuernSettings::default());
        let read = read_text("session: {timezone: Europe/Berlin}");
        assert_eq!(read.value.session.variable, "session_time");
        assert_eq!(read.value.session.zone_name, "Europe/Berlin");
    }

    #[test]
    fn mistakes_have_their_places() {
        for (text, place, message) in [
            ("sesion: {}", "sesion", "`sesion` means nothing in `quern.yml`"),
            ("session: soon", "soon", "`session` must be a mapping, not a text"),
            ("session: {zone: UTC}", "zone", "`zone` means nothing in `session` of `quern.yml`"),
            (
                "session: {timezone: Tokyo}",
                "Tokyo",
                "`Tokyo` is not a time zone; write a name like `Asia/Tokyo`, or an offset like `+09:00`",
            ),
            (
                "session: {grain: 5 hours}",
                "5 hours",
                "5 hours do not divide a day; write 1, 2, 3, 4, 6, 8 or 12 hours, or days",
            ),
            (
                "session: {require: sometimes}",
                "sometimes",
                "`require` must be `never`, `incremental`, `always`, not `sometimes`",
            ),
            ("session: {require: yes}", "yes", "`require` must be a text, not a truth value"),
            ("session: {wall_clock: 1}", "1", "`wall_clock` must be a text, not a number"),
            ("ledger: {enabled: maybe}", "maybe", "`enabled` must be a truth value, not a text"),
        ] {
            let diagnostics = read_text(text).diagnostics;
            assert_eq!(diagnostics.len(), 1, "{text}");
            let first = &diagnostics[0];
            assert_eq!(first.message, message, "{text}");
            let span = first.labels[0].span;
            assert_eq!(&text[span.start as usize..span.end as usize], place, "{text}");
        }
    }
}
