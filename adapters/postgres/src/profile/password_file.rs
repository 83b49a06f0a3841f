//! libpq's password file: lines of `host:port:database:user:password`, `*` for any, the first that fits counts.

use std::fs;
use std::path::PathBuf;

/// What a password is sought for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// The file's text; `None` where there is no such file, or where others may read it, as libpq has it.
pub(super) fn read(path: Option<PathBuf>) -> Option<String> {
    let path = path?;
    let metadata = fs::metadata(&path).ok()?;
    (metadata.is_file() && is_private(&metadata)).then(|| fs::read_to_string(path).ok())?
}

#[cfg(unix)]
fn is_private(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let for_others = metadata.permissions().mode() & 0o077;
    for_others == 0
}

#[cfg(not(unix))]
fn is_private(_metadata: &fs::Metadata) -> bool {
    true
}

/// The password of the first line that fits.
pub(super) fn find(text: &str, wanted: &Wanted<'_>) -> Option<String> {
    let port = wanted.port.to_string();
    // A socket in the usual folder is written as `localhost`.
    let host = match wanted.host {
        "/tmp" | "/var/run/postgresql" | "/run/postgresql" => "localhost",
        host => host,
    };
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = split(line);
        let [for_host, for_port, for_database, for_user, password] = fields.as_slice() else {
            return None;
        };
        let is_for = |field: &str, value: &str| field == "*" || unescaped(field) == value;
        let is_host = is_for(for_host, wanted.host) || is_for(for_host, host);
        let fits = is_host
            && is_for(for_port, &port)
            && is_for(for_database, wanted.database)
            && is_for(for_user, wanted.user);
        fits.then(|| unescaped(password)).filter(|password| !password.is_empty())
    })
}

/// The fields of a line: at most five, between colons without a backslash before them.
fn split(line: &str) -> Vec<&str> {
    let (mut fields, mut start, mut is_escaped) = (Vec::new(), 0, false);
    for (place, character) in line.char_indices() {
        if character == ':' && !is_escaped && fields.len() < 4 {
            fields.push(&line[start..place]);
            start = place + 1;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    fields.push(&line[start..]);
    fields
}

fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            character => text.push(character),
        }
    }
    text
}
