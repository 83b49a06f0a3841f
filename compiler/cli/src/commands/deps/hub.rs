//! dbt's package hub, or a mirror of it: which versions of a package there are, and where their archives lie.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use project::version_range::{
    Prereleases, VersionRange, VersionSpecifier, installable, is_compatible,
};
use serde_json::Value;
use source::{Diagnostic, codes};

/// How often a request is made before it counts as failed.
const ATTEMPTS: u32 = 3;
/// An answer larger than this is no package.
const MOST_BYTES: u64 = 256 << 20;

/// A hub, with what was asked of it.
pub(super) struct Hub {
    base: String,
    agent: ureq::Agent,
    answers: Mutex<BTreeMap<String, Value>>,
}

/// A version of a package that the hub has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Release {
    /// Its version.
    pub version: String,
    /// The latest that could be installed.
    pub latest: String,
    /// The name of the project, which is that of its folder.
    pub name: String,
    /// The packages that it needs, as its own `packages.yml` has them.
    pub packages: Vec<Value>,
    /// Where its archive lies.
    pub archive: String,
    /// The newer name of the package, where the hub has one.
    pub newer_name: Option<String>,
}

/// What is asked of the hub.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// `namespace/name`.
    pub package: &'a str,
    /// All of these have to fit.
    pub versions: &'a [VersionSpecifier],
    /// Whether versions before a release may be taken.
    pub prereleases: Prereleases,
    /// The version of dbt that the package has to work with; none when that is not to be checked.
    pub dbt_version: Option<&'a str>,
}

impl Hub {
    /// The hub at an address (dbt's `DBT_PACKAGE_HUB_URL`).
    pub(super) fn new(base: &str) -> Self {
        let agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(60)));
        Self {
            base: format!("{}/", base.trim_end_matches('/')),
            agent: agent.build().new_agent(),
            answers: Mutex::default(),
        }
    }

    /// The latest version that fits, as dbt resolves it: the versions before a release are left out unless they are
    /// wanted, and so are those that need another dbt.
    pub(super) fn find(&self, wanted: Wanted<'_>) -> Result<Release, Diagnostic> {
        let package = wanted.package;
        let conflict = |message: String| Diagnostic::error(codes::PACKAGES_CONFLICT, message);
        let Some(range) = VersionRange::of(wanted.versions) else {
            let asked: Vec<String> = wanted.versions.iter().map(ToString::to_string).collect();
            let message = format!(
                "version error for package `{package}`: could not find a satisfactory version from {}",
                asked.join(", ")
            );
            return Err(conflict(message)
                .hint("loosen a range in packages.yml, or one of the packages that ask for it"));
        };
        let known = self.versions(package)?;
        let compatible = known.iter().filter(|(_, release)| fits(release, wanted.dbt_version));
        let has_candidate = wanted.versions.iter().any(VersionSpecifier::is_prerelease);
        let prereleases = if has_candidate { Prereleases::Wanted } else { wanted.prereleases };
        let available = installable(compatible.map(|(version, _)| version.as_str()), prereleases);
        let Some(version) = range.latest(available.iter().copied()) else {
            let message = format!(
                "could not find a matching compatible version for package `{package}`: {range} is asked for"
            );
            return Err(conflict(message).hint(match available.as_slice() {
                [] => {
                    "none of its versions fits this version of dbt; `--no-version-check` takes any"
                        .to_owned()
                }
                some => format!("there are {}", some.join(", ")),
            }));
        };
        let release = &known[version];
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let archive = text(release.get("downloads").and_then(|downloads| downloads.get("tarball")));
        let name = text(release.get("name"));
        let (Some(archive), Some(name)) = (archive, name) else {
            return Err(self.unexpected(package));
        };
        Ok(Release {
            version: version.to_owned(),
            latest: available.last().copied().unwrap_or(version).to_owned(),
            name,
            packages: release
                .get("packages")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            archive,
            newer_name: newer_name(&self.json(package)?),
        })
    }

    /// All versions of a package.
    fn versions(&self, package: &str) -> Result<serde_json::Map<String, Value>, Diagnostic> {
        let index = self.json("index")?;
        let is_known = index
            .as_array()
            .is_some_and(|names| names.iter().any(|name| name.as_str() == Some(package)));
        if !is_known {
            let names = index.as_array().into_iter().flatten().filter_map(Value::as_str);
            let message =
                format!("package `{package}` was not found in the package index of {}", self.base);
            return Err(Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message)
                .hint_optional(source::suggest::did_you_mean(package, names)));
        }
        let answer = self.json(package)?;
        let versions = answer.get("versions").and_then(Value::as_object).cloned();
        versions.ok_or_else(|| self.unexpected(package))
    }

    fn unexpected(&self, what: &str) -> Diagnostic {
        let message = format!("{} says of `{what}` what cannot be understood", self.base);
        Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message)
    }

    fn json(&self, name: &str) -> Result<Value, Diagnostic> {
        let lock = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(name) {
            return Ok(known.clone());
        }
        let bytes = self.bytes(&format!("{}api/v1/{name}.json", self.base))?;
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| self.unexpected(name))?;
        lock().insert(name.to_owned(), answer.clone());
        Ok(answer)
    }

    /// What an address gives.
    pub(super) fn bytes(&self, address: &str) -> Result<Vec<u8>, Diagnostic> {
        let mut attempt = 1;
        loop {
            match self.try_bytes(address) {
                Ok(bytes) => return Ok(bytes),
                Err(error) if attempt < ATTEMPTS && is_passing(&error) => attempt += 1,
                Err(error) => {
                    let message = format!("`{address}` could not be fetched: {error}");
                    return Err(Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message));
                }
            }
        }
    }

    fn try_bytes(&self, address: &str) -> Result<Vec<u8>, ureq::Error> {
        let mut answer = self.agent.get(address).call()?;
        answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec()
    }
}

/// Where the hub leads from a package that has another name or owner now (dbt's `_check_package_redirect`).
fn newer_name(answer: &Value) -> Option<String> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (owner, name) = (text("redirectnamespace"), text("redirectname"));
    owner.or(name)?;
    Some(format!("{}/{}", owner.or_else(|| text("namespace"))?, name.or_else(|| text("name"))?))
}

/// Whether the same request may do better the next time.
fn is_passing(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::StatusCode(code) => *code >= 500 || *code == 429,
        ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed => true,
        _ => false,
    }
}

/// Whether a release works with a version of dbt; what says nothing of it works with any.
fn fits(release: &Value, dbt_version: Option<&str>) -> bool {
    let Some(dbt_version) = dbt_version else { return true };
    let wanted = match release.get("require_dbt_version") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => return true,
    };
    let wanted: Vec<VersionSpecifier> =
        wanted.into_iter().filter_map(VersionSpecifier::parse).collect();
    is_compatible(dbt_version, &wanted)
}
