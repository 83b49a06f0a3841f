//! Packages of `private`: the repository that stands behind a name such as `acme/tools`.
//!
//! As dbt's `dbt/deps/private_package.py`: the first of the repositories in `DBT_ENV_PRIVATE_GIT_PROVIDER_INFO` that fits,
//! with its token; when that names none, the provider's address for SSH.

use serde::Deserialize;
use source::{Diagnostic, codes};

/// The variable with repositories and tokens, a list as JSON.
pub(super) const VARIABLE: &str = "DBT_ENV_PRIVATE_GIT_PROVIDER_INFO";
/// Spellings of one provider.
const AZURE: [&str; 3] = ["ado", "azure_devops", "azure_active_directory"];
const PROVIDERS: &str = "github, gitlab, ado, azure_devops";

/// Repositories that may be read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct GitProviders(Vec<Repository>);

/// A pattern of addresses, with a token.
#[derive(Debug, Clone, Deserialize)]
struct Repository {
    org: String,
    url: String,
    token: String,
    provider: String,
}

impl GitProviders {
    /// What the variable says.
    pub(super) fn read(text: Option<&str>) -> Result<Self, Diagnostic> {
        let text = text.filter(|text| !text.trim().is_empty()).unwrap_or("[]");
        // The text has tokens in it, so nothing of it is shown.
        serde_json::from_str(text).map_err(|_| {
            let message = format!("`{VARIABLE}` is no list of repositories");
            Diagnostic::error(codes::PACKAGES_INVALID, message)
                .hint("each has `org`, `url`, `token` and `provider`")
        })
    }

    /// What is never shown.
    pub(super) fn tokens(&self) -> Vec<String> {
        self.0.iter().map(|repository| repository.token.clone()).collect()
    }

    /// The address of a package's repository.
    pub(super) fn address(
        &self,
        package: &str,
        provider: Option<&str>,
    ) -> Result<String, Diagnostic> {
        let invalid = |message: String| Diagnostic::error(codes::PACKAGES_INVALID, message);
        let refused = || {
            invalid(format!("`{}` is no provider of private packages", provider.unwrap_or("")))
                .hint(format!("there are {PROVIDERS}"))
        };
        if !self.0.is_empty() {
            if provider.is_some_and(|name| !matches!(name, "github" | "gitlab") && !is_azure(name))
            {
                return Err(refused());
            }
            let found = self.0.iter().find_map(|known| known.address(package, provider));
            return found.ok_or_else(|| {
                invalid(format!("no repository of `{VARIABLE}` fits the package `{package}`"))
            });
        }
        match provider.unwrap_or("github") {
            "github" => Ok(format!("git@github.com:{package}.git")),
            "gitlab" => Ok(format!("git@gitlab.com:{package}.git")),
            "ado" | "azure_devops" if package.split('/').count() < 3 => Err(invalid(format!(
                "the private package `{package}` has to be named `organization/project/repository`"
            ))),
            "ado" | "azure_devops" => Ok(format!("git@ssh.dev.azure.com:v3/{package}")),
            _ => Err(refused()),
        }
    }
}

impl Repository {
    /// The address with all that is left open in it filled in, if it is one for the package.
    fn address(&self, package: &str, provider: Option<&str>) -> Option<String> {
        let (organization, group, name) = parts(package);
        let is_same =
            |wanted: &str| wanted == self.provider || is_azure(wanted) && is_azure(&self.provider);
        if self.org != organization || !provider.is_none_or(is_same) {
            return None;
        }
        let path = path_of(&self.url);
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix(".git").unwrap_or(path);
        let is_short = matches!(&*self.provider, "azure_devops" | "azure_active_directory");
        let path = if is_azure(&self.provider) { path.replace("/_git/", "/") } else { path.into() };
        let (own_organization, own_group, own_name) = parts(&path);
        if is_short && provider == Some("ado") && group.is_empty() {
            return None;
        }
        let fits = |own: &str, wanted: &str, open: &[&str]| {
            own == wanted || open.contains(&own) && !wanted.is_empty()
        };
        let fits_group =
            is_short && group.is_empty() || fits(&own_group, &group, &["{group}", "{project}"]);
        let is_fitting =
            own_organization == organization && fits(&own_name, &name, &["{repo}"]) && fits_group;
        is_fitting.then(|| {
            let filled = [("token", &self.token), ("repo", &name), ("group", &group)];
            let filled = filled.into_iter().chain([("project", &group)]);
            filled.fold(self.url.clone(), |address, (key, value)| {
                address.replace(&format!("{{{key}}}"), value)
            })
        })
    }
}

fn is_azure(provider: &str) -> bool {
    AZURE.contains(&provider)
}

/// The organization, what lies between, and the repository.
fn parts(path: &str) -> (String, String, String) {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [first, between @ .., last] => ((*first).to_owned(), between.join("/"), (*last).to_owned()),
        [first] => ((*first).to_owned(), String::new(), (*first).to_owned()),
        [] => Default::default(),
    }
}

/// The path of an address; an address without a scheme is all path.
fn path_of(address: &str) -> &str {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_addresses_for_ssh() {
        let none = GitProviders::default();
        let address = |package: &str, provider| none.address(package, provider).ok();
        assert_eq!(address("acme/tools", None).unwrap(), "git@github.com:acme/tools.git");
        assert_eq!(
            address("acme/x/tools", Some("gitlab")).unwrap(),
            "git@gitlab.com:acme/x/tools.git"
        );
        assert_eq!(address("a/b/c", Some("ado")).unwrap(), "git@ssh.dev.azure.com:v3/a/b/c");
        assert_eq!(address("a/c", Some("ado")), None);
        assert_eq!(address("a/c", Some("elsewhere")), None);
    }

    #[test]
    fn repositories_with_tokens_are_found_by_their_addresses() {
        let text = r#"[
            {"org": "acme", "url": "https://{token}@github.com/acme/{repo}.git", "token": "t1", "provider": "github"},
            {"org": "acme", "url": "https://x:{token}@gitlab.com/acme/{group}/{repo}.git", "token": "t2", "provider": "gitlab"},
            {"org": "acme", "url": "https://{token}@dev.azure.com/acme/{project}/_git/{repo}", "token": "t3", "provider": "ado"}
        ]"#;
        let known = GitProviders::read(Some(text)).unwrap();
        let address = |package: &str, provider| known.address(package, provider).ok();
        assert_eq!(address("acme/tools", None).unwrap(), "https://t1@github.com/acme/tools.git");
        assert_eq!(
            address("acme/a/b/tools", None).unwrap(),
            "https://x:t2@gitlab.com/acme/a/b/tools.git"
        );
        assert_eq!(
            address("acme/a/tools", Some("azure_devops")).unwrap(),
            "https://t3@dev.azure.com/acme/a/_git/tools"
        );
        assert_eq!(address("other/tools", None), None);
        assert_eq!(address("acme/tools", Some("gitlab")), None);
        assert!(GitProviders::read(Some("token")).is_err());
    }
}
