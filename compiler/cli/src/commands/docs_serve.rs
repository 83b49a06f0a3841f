//! `quern docs serve`: the site over HTTP, for this machine unless told otherwise.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use source::{Diagnostic, codes};
use tiny_http::{Header, Method, Response, Server, StatusCode};

use super::Outcome;
use super::docs_generate::SITE;
use super::working::project_target_path;
use crate::invocation::Invocation;
use crate::ui::event::{Level, LogEvent};

/// Runs the command, until the process is ended.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let folder = project_target_path(invocation).join(SITE);
    if !folder.join("index.html").is_file() {
        let message = format!("there is no site in `{}`", folder.display());
        return Err(Diagnostic::error(codes::ARTIFACT_UNREADABLE, message)
            .hint("write it with `quern docs generate`")
            .into());
    }
    let host = invocation.settings.text("host").unwrap_or("127.0.0.1");
    let port = invocation.settings.number("port").unwrap_or(8080);
    let server = Server::http(format!("{host}:{port}")).map_err(|error| {
        Diagnostic::error(codes::WRITE_FAILED, format!("cannot serve on {host}:{port}: {error}"))
            .hint("another program may use the port; name another with `--port`")
    })?;
    let address = format!("http://{}", server.server_addr());
    let line = format!(
        "Serving docs at {address}\nTo access from your browser, navigate to: {address}\nPress Ctrl+C to exit."
    );
    invocation.console.fire(&LogEvent::note(Level::Info, &line));
    if invocation.settings.is_on("browser") && invocation.world.stdout_is_terminal {
        open_browser(&address);
    }
    for request in server.incoming_requests() {
        let is_read = matches!(request.method(), Method::Get | Method::Head);
        let file = file_of(&folder, request.url()).filter(|_| is_read);
        let opened = file.and_then(|path| Some((File::open(&path).ok()?, path)));
        let answered = match opened {
            Some((file, path)) => {
                let mut response = Response::from_file(file);
                if let Ok(header) =
                    Header::from_bytes(&b"Content-Type"[..], media_type(&path).as_bytes())
                {
                    response.add_header(header);
                }
                request.respond(response)
            }
            None => request
                .respond(Response::from_string("not found").with_status_code(StatusCode(404))),
        };
        if let Err(error) = answered {
            invocation.console.fire(&LogEvent::note(
                Level::Debug,
                &format!("a request was not answered: {error}"),
            ));
        }
    }
    Ok(true)
}

/// The file that an address means; nothing for what stands outside of the folder.
fn file_of(folder: &Path, address: &str) -> Option<PathBuf> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = percent_decoded(path)?;
    let mut file = folder.to_owned();
    for part in Path::new(path.trim_start_matches('/')).components() {
        match part {
            Component::Normal(part) => file.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    if file.is_dir() {
        file.push("index.html");
    }
    // A link that leads out of the folder is not followed.
    let (real, root) = (file.canonicalize().ok()?, folder.canonicalize().ok()?);
    real.starts_with(root).then_some(real)
}

fn percent_decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok().filter(|text| !text.contains('\0'))
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Asks the system to show an address; when it cannot, the address is on the screen anyway.
fn open_browser(address: &str) {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let _ = std::process::Command::new(program).arg(address).spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_never_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        std::fs::create_dir_all(site.join("models")).unwrap();
        for path in ["secret.txt", "site/index.html", "site/models/a b.html"] {
            std::fs::write(folder.path().join(path), "").unwrap();
        }
        let root = site.canonicalize().unwrap();
        assert_eq!(file_of(&site, "/?x"), Some(root.join("index.html")));
        assert_eq!(
            file_of(&site, "/models/a%20b.html#columns"),
            Some(root.join("models/a b.html"))
        );
        for outside in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/models/../../secret.txt",
            "//etc/passwd",
            "/%00",
            "/%zz",
        ] {
            assert_eq!(file_of(&site, outside), None, "{outside}");
        }
    }
}
