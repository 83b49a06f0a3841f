//! Application default credentials: what Google's own tools leave on a machine, in the order in which they look.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{IAM_ENDPOINT, RefreshToken, ServiceAccountKey, TOKEN_URI, TokenSource};
use crate::profile::Environment;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefaultCredentials {
    /// Where tokens come from.
    pub source: TokenSource,
    /// The project that goes with them.
    pub project: Option<String>,
    /// The project whose quota is used, where another is named.
    pub quota_project: Option<String>,
}

/// The host of the metadata server, where no variable names another.
const METADATA_HOST: &str = "metadata.google.internal";

/// Looks in `GOOGLE_APPLICATION_CREDENTIALS`, then in gcloud's folder, then at the machine's metadata server.
pub(crate) fn find_default(environment: &Environment<'_>) -> Result<DefaultCredentials, String> {
    let project = environment("GOOGLE_CLOUD_PROJECT").or_else(|| environment("GCLOUD_PROJECT"));
    if let Some(path) = environment("GOOGLE_APPLICATION_CREDENTIALS") {
        let found = read_file(Path::new(&path))?;
        return Ok(DefaultCredentials { project: project.or(found.project), ..found });
    }
    let folder = gcloud_folder(environment);
    let file = folder.as_ref().map(|folder| folder.join("application_default_credentials.json"));
    if let Some(file) = file.filter(|file| file.exists()) {
        let found = read_file(&file)?;
        let configured = folder.as_deref().and_then(configured_project);
        return Ok(DefaultCredentials {
            project: project.or(configured).or(found.project),
            ..found
        });
    }
    let host = environment("GCE_METADATA_HOST").unwrap_or_else(|| METADATA_HOST.to_owned());
    Ok(DefaultCredentials {
        source: TokenSource::MetadataServer(host),
        project,
        quota_project: None,
    })
}

fn gcloud_folder(environment: &Environment<'_>) -> Option<PathBuf> {
    environment("CLOUDSDK_CONFIG").map(PathBuf::from).or_else(|| {
        environment("APPDATA")
            .map(|folder| PathBuf::from(folder).join("gcloud"))
            .or_else(|| environment("HOME").map(|home| PathBuf::from(home).join(".config/gcloud")))
    })
}

/// The project of gcloud's own configuration.
fn configured_project(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("configurations/config_default")).ok()?;
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == "project").then(|| value.trim().to_owned())
    })
}

fn read_file(path: &Path) -> Result<DefaultCredentials, String> {
    let shown = path.display();
    let text =
        fs::read_to_string(path).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
    let json: Value = serde_json::from_str(&text).map_err(|_| format!("`{shown}` is not JSON"))?;
    let project = json["project_id"].as_str().map(str::to_owned);
    let quota_project = json["quota_project_id"].as_str().map(str::to_owned);
    let source = source_of(&json).map_err(|error| format!("`{shown}`: {error}"))?;
    Ok(DefaultCredentials {
        source,
        project: project.or_else(|| quota_project.clone()),
        quota_project,
    })
}

/// The source that a credentials file describes by its `type`.
fn source_of(json: &Value) -> Result<TokenSource, String> {
    let text = |name: &str| {
        json[name].as_str().map(str::to_owned).ok_or_else(|| format!("it has no `{name}`"))
    };
    match json["type"].as_str().unwrap_or_default() {
        "authorized_user" => Ok(TokenSource::Refresh(RefreshToken {
            token_uri: text("token_uri").unwrap_or_else(|_| TOKEN_URI.to_owned()),
            client_id: text("client_id")?,
            client_secret: text("client_secret")?,
            token: text("refresh_token")?,
        })),
        "service_account" => Ok(TokenSource::ServiceAccount(ServiceAccountKey::read(json)?)),
        "impersonated_service_account" => {
            let url = text("service_account_impersonation_url")?;
            let account = url
                .rsplit('/')
                .next()
                .and_then(|last| last.strip_suffix(":generateAccessToken"))
                .ok_or("its `service_account_impersonation_url` names no account")?;
            let endpoint = url.split("/v1/").next().unwrap_or(IAM_ENDPOINT);
            Ok(TokenSource::Impersonated {
                source: Box::new(source_of(&json["source_credentials"])?),
                account: account.to_owned(),
                endpoint: endpoint.to_owned(),
            })
        }
        "external_account" | "external_account_authorized_user" => Err(
            "credentials of another identity provider (workload identity federation) are not supported"
                .to_owned(),
        ),
        other => Err(format!("credentials of the type `{other}` are not known")),
    }
}
