//! Versions of packages and the ranges of them that projects ask for, compared as dbt's `semver` compares them.

use std::cmp::Ordering;
use std::fmt;

/// How a version bounds others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matcher {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Exact,
}

/// `>=1.2.0`: a version, and what it asks of others. A plain version asks for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSpecifier {
    matcher: Matcher,
    numbers: [u64; 3],
    prerelease: Option<String>,
    build: Option<String>,
}

/// A range of versions, open where nothing bounds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionRange {
    start: Option<VersionSpecifier>,
    end: Option<VersionSpecifier>,
}

impl VersionSpecifier {
    /// Reads `1.2.3`, `>=1.2.3`, `<2.0.0-rc1`; nothing for what is no such version.
    pub fn parse(text: &str) -> Option<Self> {
        let operators = [
            (">=", Matcher::GreaterOrEqual),
            ("<=", Matcher::LessOrEqual),
            (">", Matcher::Greater),
            ("<", Matcher::Less),
            ("=", Matcher::Exact),
        ];
        let found = operators
            .into_iter()
            .find_map(|(operator, matcher)| Some((matcher, text.strip_prefix(operator)?)));
        let (matcher, version) = found.unwrap_or((Matcher::Exact, text));
        let (version, build) = match version.split_once('+') {
            Some((version, build)) => (version, Some(build.to_owned())),
            None => (version, None),
        };
        let (major, rest) = version.split_once('.')?;
        let (minor, rest) = rest.split_once('.')?;
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (patch, prerelease) = rest.split_at(digits);
        let prerelease = prerelease.strip_prefix('-').unwrap_or(prerelease);
        let is_word = |text: &str| {
            text.split('.').all(|part| {
                !part.is_empty()
                    && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
            })
        };
        if !prerelease.is_empty() && !is_word(prerelease) {
            return None;
        }
        Some(Self {
            matcher,
            numbers: [number(major)?, number(minor)?, number(patch)?],
            prerelease: (!prerelease.is_empty()).then(|| prerelease.to_owned()),
            build,
        })
    }

    /// Whether it names a version before a release, such as `1.0.0-rc1`.
    pub fn is_prerelease(&self) -> bool {
        self.prerelease.is_some()
    }

    fn is_exact(&self) -> bool {
        self.matcher == Matcher::Exact
    }

    fn is_lower_bound(&self) -> bool {
        matches!(self.matcher, Matcher::Greater | Matcher::GreaterOrEqual)
    }

    fn is_upper_bound(&self) -> bool {
        matches!(self.matcher, Matcher::Less | Matcher::LessOrEqual)
    }

    /// The order that dbt has: by number; before a release comes before it; and of bounds at the same version the one
    /// that lets less through counts as further inside.
    fn compare(&self, other: &Self) -> Ordering {
        let by_number = self.numbers.cmp(&other.numbers);
        if by_number != Ordering::Equal {
            return by_number;
        }
        match (&self.prerelease, &other.prerelease) {
            (None, None) => {}
            // What is below a release is below its candidates too.
            (None, Some(_)) if self.matcher == Matcher::Less => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (Some(_), None) => return Ordering::Less,
            (Some(own), Some(others)) => {
                let by_candidate = compare_candidates(own, others);
                if by_candidate != Ordering::Equal {
                    return by_candidate;
                }
            }
        }
        match (self.matcher, other.matcher) {
            (Matcher::Less, Matcher::LessOrEqual) | (Matcher::GreaterOrEqual, Matcher::Greater) => {
                Ordering::Less
            }
            (Matcher::LessOrEqual, Matcher::Less) | (Matcher::Greater, Matcher::GreaterOrEqual) => {
                Ordering::Greater
            }
            (Matcher::GreaterOrEqual, Matcher::LessOrEqual)
            | (Matcher::LessOrEqual, Matcher::GreaterOrEqual) => Ordering::Equal,
            _ if self.is_upper_bound() && other.is_lower_bound() => Ordering::Less,
            _ if self.is_lower_bound() && other.is_upper_bound() => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }

    fn range(&self) -> VersionRange {
        VersionRange {
            start: (!self.is_upper_bound()).then(|| self.clone()),
            end: (!self.is_lower_bound()).then(|| self.clone()),
        }
    }
}

fn number(text: &str) -> Option<u64> {
    let is_plain = text == "0" || !text.starts_with('0');
    (is_plain && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Part by part: numbers by value and before words; of two that begin alike the longer one is later.
fn compare_candidates(own: &str, other: &str) -> Ordering {
    for (own, other) in own.split('.').zip(other.split('.')) {
        let order = match (own.parse::<u64>(), other.parse::<u64>()) {
            (Ok(own), Ok(other)) => own.cmp(&other),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => own.cmp(other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    own.len().cmp(&other.len())
}

impl VersionRange {
    /// What all of the specifiers let through; nothing when they contradict each other.
    pub fn of<'a>(specifiers: impl IntoIterator<Item = &'a VersionSpecifier>) -> Option<Self> {
        specifiers
            .into_iter()
            .try_fold(Self::default(), |range, specifier| range.reduced(&specifier.range()))
    }

    fn reduced(&self, other: &Self) -> Option<Self> {
        let start = tighter(self.start.as_ref(), other.start.as_ref(), Side::Lower).ok()?;
        let end = tighter(self.end.as_ref(), other.end.as_ref(), Side::Upper).ok()?;
        let is_empty = match (&start, &end) {
            (Some(start), Some(end)) => start.compare(end) == Ordering::Greater,
            _ => false,
        };
        (!is_empty).then_some(Self { start, end })
    }

    fn contains(&self, version: &VersionSpecifier) -> bool {
        Self::of(self.start.iter().chain(&self.end).chain([version])).is_some()
    }

    /// The latest of the versions that the range lets through.
    pub fn latest<'a>(&self, versions: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let mut latest: Option<(&str, VersionSpecifier)> = None;
        for text in versions {
            let Some(version) = VersionSpecifier::parse(text) else { continue };
            let is_later = latest
                .as_ref()
                .is_none_or(|(_, latest)| latest.compare(&version) == Ordering::Less);
            if is_later && self.contains(&version) {
                latest = Some((text, version));
            }
        }
        latest.map(|(text, _)| text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Lower,
    Upper,
}

/// Two bounds that no version satisfies.
struct Contradiction;

/// Of two bounds on one side the one further inside, when there is any.
fn tighter(
    one: Option<&VersionSpecifier>,
    other: Option<&VersionSpecifier>,
    side: Side,
) -> Result<Option<VersionSpecifier>, Contradiction> {
    let (Some(one), Some(other)) = (one, other) else { return Ok(one.or(other).cloned()) };
    let bounds = |bound: &VersionSpecifier, exact: &VersionSpecifier| {
        let order = bound.compare(exact);
        let is_inside = match side {
            Side::Lower => {
                order == Ordering::Less
                    || (order == Ordering::Equal && bound.matcher == Matcher::GreaterOrEqual)
            }
            Side::Upper => {
                order == Ordering::Greater
                    || (order == Ordering::Equal && bound.matcher == Matcher::LessOrEqual)
            }
        };
        is_inside.then(|| exact.clone())
    };
    let found = match (one.is_exact(), other.is_exact()) {
        (true, true) => (one.compare(other) == Ordering::Equal).then(|| one.clone()),
        (true, false) => bounds(other, one),
        (false, true) => bounds(one, other),
        (false, false) => {
            let inner = if side == Side::Lower { Ordering::Less } else { Ordering::Greater };
            Some(if one.compare(other) == inner { other.clone() } else { one.clone() })
        }
    };
    found.map(Some).ok_or(Contradiction)
}

/// Whether a version fits all requirements.
pub fn is_compatible(version: &str, requirements: &[VersionSpecifier]) -> bool {
    let Some(version) = VersionSpecifier::parse(version) else { return true };
    VersionRange::of(requirements.iter().chain([&version])).is_some()
}

/// The versions in their order, those before a release only when they are wanted.
pub fn installable<'a>(
    versions: impl IntoIterator<Item = &'a str>,
    prereleases: Prereleases,
) -> Vec<&'a str> {
    let mut found: Vec<(&str, VersionSpecifier)> = versions
        .into_iter()
        .filter_map(|text| Some((text, VersionSpecifier::parse(text)?)))
        .filter(|(_, version)| prereleases == Prereleases::Wanted || !version.is_prerelease())
        .collect();
    found.sort_by(|(_, one), (_, other)| one.compare(other));
    found.into_iter().map(|(text, _)| text).collect()
}

/// Whether versions before a release may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prereleases {
    /// `install-prerelease: true`, or a range that names one.
    Wanted,
    /// Releases alone.
    Unwanted,
}

impl fmt::Display for VersionSpecifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.matcher {
            Matcher::Greater => ">",
            Matcher::GreaterOrEqual => ">=",
            Matcher::Less => "<",
            Matcher::LessOrEqual => "<=",
            Matcher::Exact => "=",
        })?;
        let [major, minor, patch] = self.numbers;
        write!(formatter, "{major}.{minor}.{patch}")?;
        self.prerelease.iter().try_for_each(|candidate| write!(formatter, "-{candidate}"))?;
        self.build.iter().try_for_each(|build| write!(formatter, "+{build}"))
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.start, &self.end) {
            (None, None) => formatter.write_str("ANY"),
            (Some(start), Some(end)) if start == end => write!(formatter, "{start}"),
            (Some(start), Some(end)) => write!(formatter, "{start}, {end}"),
            (Some(one), None) | (None, Some(one)) => write!(formatter, "{one}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latest<'a>(wanted: &[&str], available: &[&'a str]) -> Option<&'a str> {
        let wanted: Vec<_> =
            wanted.iter().map(|text| VersionSpecifier::parse(text).unwrap()).collect();
        VersionRange::of(&wanted)?.latest(available.iter().copied())
    }

    const AVAILABLE: [&str; 6] = ["0.9.0", "1.0.0-rc1", "1.0.0", "1.2.10", "1.2.9", "2.0.0"];

    #[test]
    fn the_latest_version_of_a_range_is_taken() {
        assert_eq!(latest(&[">=1.0.0", "<2.0.0"], &AVAILABLE), Some("1.2.10"));
        assert_eq!(latest(&[">1.2.10"], &AVAILABLE), Some("2.0.0"));
        assert_eq!(latest(&["1.0.0"], &AVAILABLE), Some("1.0.0"));
        assert_eq!(latest(&["1.0.0", ">=1.0.0", "<=1.0.0"], &AVAILABLE), Some("1.0.0"));
        assert_eq!(latest(&[], &AVAILABLE), Some("2.0.0"));
        assert_eq!(latest(&["3.0.0"], &AVAILABLE), None);
    }

    #[test]
    fn ranges_that_contradict_each_other_have_no_version() {
        assert_eq!(latest(&[">=2.0.0", "<2.0.0"], &AVAILABLE), None);
        assert_eq!(latest(&["1.0.0", "2.0.0"], &AVAILABLE), None);
        assert_eq!(latest(&["1.0.0", "<1.0.0"], &AVAILABLE), None);
    }

    #[test]
    fn candidates_come_before_their_release_and_below_it() {
        assert_eq!(latest(&["<1.0.0"], &AVAILABLE), Some("0.9.0"));
        assert_eq!(latest(&["1.0.0-rc1"], &AVAILABLE), Some("1.0.0-rc1"));
        let sorted = installable(
            ["1.0.0", "1.0.0-rc10", "1.0.0-rc.2", "1.0.0a1", "0.1.0"],
            Prereleases::Wanted,
        );
        assert_eq!(sorted, ["0.1.0", "1.0.0a1", "1.0.0-rc.2", "1.0.0-rc10", "1.0.0"]);
        assert_eq!(installable(["1.0.0", "1.0.0-rc1"], Prereleases::Unwanted), ["1.0.0"]);
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["1.0", "v1.0.0", "~1.0.0", "01.0.0", "1.0.0 ", "main"] {
            assert_eq!(VersionSpecifier::parse(text), None, "{text}");
        }
    }
}
