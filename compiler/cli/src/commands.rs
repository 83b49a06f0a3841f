//! The commands, one file each. Every one composes stages and says how it went: whether all is well.

pub(crate) mod backfill;
pub(crate) mod build;
pub(crate) mod clean;
pub(crate) mod clone;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod debug;
pub(crate) mod deps;
pub(crate) mod docs_generate;
pub(crate) mod docs_serve;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod ledger;
pub(crate) mod list;
pub(crate) mod parse;
pub(crate) mod retry;
pub(crate) mod run_operation;
pub(crate) mod seed;
pub(crate) mod show;
pub(crate) mod source_freshness;
pub(crate) mod verify;
pub(crate) mod version;
pub(crate) mod working;

use project::ResourceType;
use source::{Diagnostic, codes};

use crate::invocation::{Failure, Invocation};

/// What a command gives: whether all is well, or why it could not run.
pub(crate) type Outcome = Result<bool, Failure>;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    match invocation.settings.command {
        "build" => build::run(invocation),
        "backfill" => backfill::run(invocation),
        "ledger" => ledger::run(invocation),
        "verify" => verify::run(invocation),
        "run" => working::run_kinds(invocation, &[ResourceType::Model]),
        "test" => working::run_kinds(invocation, &[ResourceType::Test, ResourceType::UnitTest]),
        "snapshot" => working::run_kinds(invocation, &[ResourceType::Snapshot]),
        "seed" => seed::run(invocation),
        "clone" => clone::run(invocation),
        "compile" => compile::run(invocation),
        "show" => show::run(invocation),
        "list" => list::run(invocation),
        "parse" => parse::run(invocation),
        "docs generate" => docs_generate::run(invocation),
        "docs serve" => docs_serve::run(invocation),
        "run-operation" => run_operation::run(invocation),
        "debug" => debug::run(invocation),
        "clean" => clean::run(invocation),
        "deps" => deps::run(invocation),
        "source freshness" => source_freshness::run(invocation),
        "retry" => retry::run(invocation),
        "init" => init::run(invocation),
        "explain" => explain::run(invocation),
        "completions" => completions::run(invocation),
        other => {
            Err(Diagnostic::error(codes::INTERNAL, format!("nothing runs the command `{other}`"))
                .into())
        }
    }
}
