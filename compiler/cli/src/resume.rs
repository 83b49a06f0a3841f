//! A backfill that was stopped, by whatever: which invocations worked at it, so that the next one goes on from there.

use std::path::PathBuf;

use graph::Selection;
use indexmap::IndexSet;
use run::BackfillRange;
use serde_json::{Value, json};

use crate::invocation::{Failure, Invocation};
use crate::stages::Prepared;
use crate::writing::write_whole;

/// The file below the target path; it is there while a backfill is not finished.
const NAME: &str = "backfill.json";

/// The note of a backfill.
pub(crate) struct Marker {
    /// What the backfill is of: another range, selection or target is another backfill.
    subject: Value,
    invocations: IndexSet<String>,
}

/// A backfill that goes on.
pub(crate) struct Resumed {
    invocations: IndexSet<String>,
}

impl Resumed {
    /// Whether an invocation worked at it.
    pub(crate) fn built(&self, invocation_id: &str) -> bool {
        self.invocations.contains(invocation_id)
    }
}

impl Marker {
    /// The note of this backfill.
    pub(crate) fn of(
        invocation: &Invocation,
        prepared: &Prepared,
        range: &BackfillRange,
        selection: &Selection,
    ) -> Self {
        let nodes = selection.nodes.iter().map(|node| &*prepared.graph.node(*node).unique_id);
        let subject = json!({
            "project": prepared.project.root().settings.name,
            "target": prepared.project.profile.target,
            "from": range.from.to_string(),
            "to": range.to.to_string(),
            "grain": range.grain.map(|grain| grain.to_string()),
            "nodes": nodes.collect::<Vec<_>>(),
        });
        Self { subject, invocations: IndexSet::from([invocation.id.clone()]) }
    }

    /// The same backfill, when an earlier invocation did not finish it.
    pub(crate) fn resumed(&mut self, prepared: &Prepared) -> Option<Resumed> {
        let text = std::fs::read_to_string(path(prepared)).ok()?;
        // Half a file, or one of something else, is none.
        let note: Value = serde_json::from_str(&text).ok()?;
        if note.get("backfill") != Some(&self.subject) {
            return None;
        }
        let known = note.get("invocations")?.as_array()?;
        let known: IndexSet<String> =
            known.iter().filter_map(|id| Some(id.as_str()?.to_owned())).collect();
        self.invocations.extend(known.iter().cloned());
        Some(Resumed { invocations: known })
    }

    /// Notes that work begins.
    pub(crate) fn begin(&self, prepared: &Prepared) -> Result<(), Failure> {
        let note = json!({"backfill": self.subject, "invocations": self.invocations});
        write_whole(&path(prepared), note.to_string().as_bytes())?;
        Ok(())
    }

    /// Notes that it is finished.
    pub(crate) fn finish(prepared: &Prepared) {
        // Where it stays, the next backfill of the same range finds that all is built.
        let _ = std::fs::remove_file(path(prepared));
    }
}

fn path(prepared: &Prepared) -> PathBuf {
    prepared.target_path.join(NAME)
}
