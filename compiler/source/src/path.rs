//! Paths inside a project: relative, with forward slashes on every system.

use std::fmt;
use std::sync::Arc;

/// A path relative to a package's root, such as `models/staging/stg_orders.sql`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectPath(Arc<str>);

impl ProjectPath {
    /// Takes a path as written; backslashes become slashes, a leading `./` is dropped.
    pub fn new(path: &str) -> Self {
        let slashed = if path.contains('\\') { path.replace('\\', "/") } else { path.to_owned() };
        Self(Arc::from(slashed.strip_prefix("./").unwrap_or(&slashed)))
    }

    /// A path below a folder that a project file names: a leading `./` of the folder stays, as dbt writes it.
    pub fn below(folder: &str, path: &str) -> Self {
        let path = Self::new(path);
        if folder == "." || folder.starts_with("./") {
            return Self(Arc::from(format!("./{path}")));
        }
        path
    }

    /// The path without a leading `./`.
    pub fn plain(&self) -> &str {
        self.0.strip_prefix("./").unwrap_or(&self.0)
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part, `stg_orders.sql`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last part without its extension, `stg_orders`.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        // `orders.sql.jinja` is the model `orders`, where such files are read at all.
        let name = [".j2", ".jinja2", ".jinja"]
            .into_iter()
            .find_map(|extension| name.strip_suffix(extension))
            .unwrap_or(name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The extension without its dot, `sql`; empty when there is none.
    pub fn extension(&self) -> &str {
        self.file_name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The folder, `models/staging`; empty for a file at the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// The path inside `folder`, or nothing when it is not in there.
    pub fn relative_to(&self, folder: &str) -> Option<ProjectPath> {
        let folder = folder.trim_start_matches("./").trim_end_matches('/');
        if folder.is_empty() || folder == "." {
            return Some(Self::new(self.plain()));
        }
        self.plain().strip_prefix(folder)?.strip_prefix('/').map(ProjectPath::new)
    }

    /// The path with a further part.
    #[must_use]
    pub fn join(&self, part: &str) -> Self {
        if self.0.is_empty() { Self::new(part) } else { Self::new(&format!("{}/{part}", self.0)) }
    }
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path() {
        let path = ProjectPath::new(".\\models\\a b\\stg.orders.sql");
        assert_eq!(path.as_str(), "models/a b/stg.orders.sql");
        assert_eq!((path.stem(), path.extension()), ("stg.orders", "sql"));
        assert_eq!(
            path.relative_to("models/").map(|p| p.to_string()).as_deref(),
            Some("a b/stg.orders.sql")
        );
        assert!(path.relative_to("./models").is_some());
        assert_eq!(path.relative_to("model"), None);
        let kept = ProjectPath::below("./models/", "models/a.sql");
        assert_eq!((kept.as_str(), kept.plain()), ("./models/a.sql", "models/a.sql"));
        assert_eq!(kept.relative_to("models").map(|p| p.to_string()).as_deref(), Some("a.sql"));
    }
}
