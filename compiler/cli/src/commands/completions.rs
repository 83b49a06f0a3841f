//! `quern completions SHELL`.

use std::str::FromStr;

use clap_complete::Shell;

use super::Outcome;
use crate::arguments::parser;
use crate::invocation::Invocation;
use crate::settings::usage;
use crate::world::write;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let name = invocation.settings.positional.as_deref().unwrap_or_default().to_lowercase();
    let Ok(shell) = Shell::from_str(&name) else {
        return Err(
            usage(format!("`{name}` is none of bash, elvish, fish, powershell, zsh")).into()
        );
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut parser(), "quern", &mut script);
    write(&invocation.world.stdout, &String::from_utf8_lossy(&script));
    Ok(true)
}
