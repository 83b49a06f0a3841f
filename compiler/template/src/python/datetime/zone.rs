//! Python's `tzinfo`: fixed offsets, and the zones of `pytz` with pytz's ways.
//!
//! A pytz zone is one object per offset that ever held in it. Fresh from `pytz.timezone()` it has the zone's first
//! offset (local mean time); `localize` and `astimezone` choose the right one, and arithmetic keeps it.

use std::fmt;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::{Duration, Moment};
use crate::python::arguments::Arguments;
use crate::python::error::{failure, no_attribute};

/// A time zone with the offset that holds.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    /// What it prints: `UTC`, `Europe/Berlin`, `UTC+02:00`.
    pub name: String,
    /// The rules; `None` for a fixed offset.
    pub rules: Option<TimeZone>,
    /// Seconds to the east of UTC.
    pub offset: i64,
    /// `CET`
    pub abbreviation: String,
    /// Seconds of daylight saving in `offset`.
    pub saving: i64,
}

impl Zone {
    /// `pytz.utc`
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            rules: None,
            offset: 0,
            abbreviation: "UTC".to_owned(),
            saving: 0,
        }
    }

    /// `datetime.timezone.utc`
    pub fn fixed_utc() -> Self {
        Self::utc()
    }

    /// `datetime.timezone(timedelta, name)`
    pub fn fixed(offset: i64, name: Option<String>) -> Self {
        let name = name.unwrap_or_else(|| {
            if offset == 0 { "UTC".to_owned() } else { format!("UTC{}", offset_text(offset, ":")) }
        });
        Self { abbreviation: name.clone(), name, rules: None, offset, saving: 0 }
    }

    /// `pytz.timezone(name)`
    pub fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::utc());
        }
        let rules = jiff::tz::db().get(name).ok()?;
        let name = rules.iana_name().unwrap_or(name).to_owned();
        let first = rules.to_offset_info(Timestamp::MIN);
        // pytz rounds local mean time to minutes.
        let offset = (i64::from(first.offset().seconds()) + 30).div_euclid(60) * 60;
        let abbreviation = first.abbreviation().to_owned();
        drop(first);
        Some(Self { name, rules: Some(rules), offset, abbreviation, saving: 0 })
    }

    /// The zone of these rules, with any of its offsets.
    pub fn of_rules(rules: &TimeZone) -> Self {
        if *rules == TimeZone::UTC {
            return Self::utc();
        }
        match rules.to_fixed_offset() {
            Ok(offset) => Self::fixed(i64::from(offset.seconds()), None),
            Err(_) => Self {
                name: rules.iana_name().unwrap_or("UTC").to_owned(),
                rules: Some(rules.clone()),
                ..Self::utc()
            },
        }
    }

    /// The same zone with the offset that holds at an instant.
    pub fn at(&self, instant: Timestamp) -> Self {
        let Some(rules) = &self.rules else { return self.clone() };
        let info = rules.to_offset_info(instant);
        let offset = i64::from(info.offset().seconds());
        let saving = if info.dst().is_dst() { Self::saving_at(rules, instant, offset) } else { 0 };
        let abbreviation = info.abbreviation().to_owned();
        Self { name: self.name.clone(), rules: self.rules.clone(), offset, abbreviation, saving }
    }

    /// The difference to the nearest time without saving.
    fn saving_at(rules: &TimeZone, instant: Timestamp, offset: i64) -> i64 {
        rules
            .preceding(instant)
            .find(|transition| !transition.dst().is_dst())
            .map_or(3600, |transition| offset - i64::from(transition.offset().seconds()))
    }

    /// pytz's `localize`: the offset that a clock on the wall has; of two the one without saving unless `is_dst`.
    pub fn localize(&self, wall: DateTime, is_dst: bool) -> Result<Self, Error> {
        let Some(rules) = &self.rules else { return Ok(self.clone()) };
        let ambiguous = rules.to_ambiguous_timestamp(wall);
        let offset = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
                let (smaller, greater) = if before.seconds() > after.seconds() {
                    (after, before)
                } else {
                    (before, after)
                };
                if is_dst { greater } else { smaller }
            }
        };
        let instant = offset.to_timestamp(wall).map_err(|error| failure(error.to_string()))?;
        // In a gap the chosen offset does not hold at its own instant, but it does a little before or after.
        let near = [0, -4, 4]
            .into_iter()
            .filter_map(|hours| instant.checked_add(SignedDuration::from_hours(hours)).ok());
        let mut zones = near.map(|instant| self.at(instant));
        let wanted = i64::from(offset.seconds());
        let zone = zones
            .find(|zone| zone.offset == wanted)
            .unwrap_or_else(|| Self { offset: wanted, ..self.at(instant) });
        Ok(zone)
    }
}

/// `+02:00`, with seconds only when there are any.
pub(super) fn offset_text(offset: i64, separator: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let tail = if rest == 0 { String::new() } else { format!("{separator}{rest:02}") };
    format!("{sign}{hours:02}{separator}{minutes:02}{tail}")
}

impl From<Zone> for Value {
    fn from(zone: Zone) -> Self {
        Value::from_object(zone)
    }
}

impl Object for Zone {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        (key == "zone").then(|| Value::from(self.name.as_str()))
    }

    fn custom_cmp(
        self: &Arc<Self>,
        other: &minijinja::value::DynObject,
    ) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some((&self.name, self.offset).cmp(&(&other.name, other.offset)))
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(name, values);
        let value = arguments.take("dt");
        let moment = value.as_ref().and_then(|value| value.downcast_object_ref::<Moment>());
        let is_dst = arguments.take_flag("is_dst");
        arguments.finish()?;
        Ok(match (name, moment) {
            ("utcoffset", moment) => Duration::from_seconds(self.of(moment, is_dst)?.offset).into(),
            ("dst", moment) => Duration::from_seconds(self.of(moment, is_dst)?.saving).into(),
            ("tzname", moment) => Value::from(self.of(moment, is_dst)?.abbreviation),
            ("localize", Some(moment)) if moment.zone.is_some() => {
                return Err(failure("Not naive datetime (tzinfo is already set)"));
            }
            ("localize", Some(moment)) => {
                Moment::new(moment.civil, Some(self.localize(moment.civil, is_dst)?)).into()
            }
            ("normalize" | "fromutc", Some(moment)) => {
                let instant = if name == "fromutc" {
                    Moment::new(moment.civil, Some(Zone::utc())).timestamp()?
                } else {
                    moment.timestamp()?
                };
                Moment::of_timestamp(instant, self).into()
            }
            _ => return Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Zone {
    fn of(&self, moment: Option<&Moment>, is_dst: bool) -> Result<Self, Error> {
        match moment {
            Some(moment) if moment.zone.is_none() => self.localize(moment.civil, is_dst),
            _ => Ok(self.clone()),
        }
    }
}
