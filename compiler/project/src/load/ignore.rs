//! `.dbtignore`: files that the project does not see, written like `.gitignore`.

use globset::{GlobBuilder, GlobMatcher};

/// The patterns of a `.dbtignore`, in order; the last one that fits decides.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    matcher: GlobMatcher,
    /// Written with `!`: takes back what an earlier pattern ignored.
    is_exception: bool,
    /// Written with a slash at the end: fits folders alone.
    is_for_folders: bool,
}

impl Ignore {
    /// Reads the file's text; lines that are no patterns are passed over, as git does.
    pub(super) fn parse(text: &str) -> Self {
        Self { patterns: text.lines().filter_map(pattern).collect() }
    }

    /// Whether a file, by its path inside the package, is ignored.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let folders: Vec<&str> = path.match_indices('/').map(|(at, _)| &path[..at]).collect();
        let fits = |pattern: &&Pattern| {
            folders.iter().any(|folder| pattern.matcher.is_match(folder))
                || (!pattern.is_for_folders && pattern.matcher.is_match(path))
        };
        self.patterns.iter().rev().find(fits).is_some_and(|pattern| !pattern.is_exception)
    }
}

fn pattern(line: &str) -> Option<Pattern> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (is_exception, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
    let (is_for_folders, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
    let is_anchored = line.contains('/');
    let line = line.trim_start_matches('/');
    let glob =
        if is_anchored || line.starts_with("**/") { line.to_owned() } else { format!("**/{line}") };
    let matcher = GlobBuilder::new(&glob).literal_separator(true).build().ok()?.compile_matcher();
    Some(Pattern { matcher, is_exception, is_for_folders })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_git() {
        let ignore = Ignore::parse(
            "# comment\n*.tmp.sql\nmodels/old/\n/top.sql\n!models/old/../keep.tmp.sql\n!kept.tmp.sql\n",
        );
        for path in ["models/a.tmp.sql", "models/old/deep/x.sql", "top.sql"] {
            assert!(ignore.is_ignored(path), "{path}");
        }
        for path in ["models/top.sql", "models/older/x.sql", "models/kept.tmp.sql", "models/old"] {
            assert!(!ignore.is_ignored(path), "{path}");
        }
    }
}
