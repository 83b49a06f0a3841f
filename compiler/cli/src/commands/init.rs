//! `quern init`: a project that runs at once, on DuckDB, without asking anything.

use std::path::Path;

use serde_json::json;
use source::{Diagnostic, codes};

use super::Outcome;
use crate::invocation::Invocation;
use crate::settings::usage;
use crate::ui::event::{Level, LogEvent};
use crate::writing::write_whole;

mod files {
    include!(concat!(env!("OUT_DIR"), "/starter.rs"));
}

/// The name that stands for the project's in the files of the starter.
const PLACEHOLDER: &str = "starter_project";

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let Some(name) = invocation.settings.positional.as_deref() else {
        return Err(usage("`quern init` takes the name of the new project")
            .hint("for example `quern init shop`")
            .into());
    };
    let is_name =
        name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !is_name {
        let message =
            format!("`{name}` is no name for a project: letters, digits and `_`, a letter first");
        return Err(usage(message).into());
    }
    // `init` starts where the user stands, also below another project.
    let base = match invocation.settings.text("project-dir") {
        Some(path) => invocation.world.absolute(path),
        None => invocation.world.working_directory.clone(),
    };
    let folder = base.join(name);
    if folder.exists() {
        let message = format!("there is something named `{name}` here already");
        return Err(Diagnostic::error(codes::WRITE_FAILED, message)
            .hint("take another name")
            .into());
    }
    for (path, text) in files::STARTER {
        let is_profile = *path == "profiles.yml";
        if is_profile && invocation.settings.is_on("skip-profile-setup") {
            continue;
        }
        let path = if *path == "gitignore" { ".gitignore" } else { path };
        write_whole(&folder.join(path), text.replace(PLACEHOLDER, name).as_bytes())?;
    }
    say(invocation, name, &folder);
    Ok(true)
}

fn say(invocation: &Invocation, name: &str, folder: &Path) {
    let profile = if invocation.settings.is_on("skip-profile-setup") {
        format!("It has no profile: `{name}` is looked for in your own `profiles.yml`.\n\n")
    } else {
        String::new()
    };
    let text = format!(
        "Your new project \"{name}\" was created in {}\n\n{profile}Try it:\n\n    cd {name}\n    quern build\n    quern show -s orders_by_day\n",
        folder.display()
    );
    let data = json!({"project_name": name, "path": folder.to_string_lossy()});
    invocation.console.fire(&LogEvent::new(Level::Info, ("ProjectCreated", "A026"), text, data));
}
