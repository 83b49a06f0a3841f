//! How much of a seed is read before it is loaded.

use std::sync::{Arc, OnceLock};

use graph::Node;
use project::ResourceType;
use project::seed::{OpenSeed, SeedContents, SeedFailure, SeedGuess, guess_seed, read_seed};
use serde_json::Value;

use crate::compile::Compiler;

/// How much of a seed is read before it is loaded.
#[derive(Clone)]
pub(crate) enum SeedReading {
    /// All of it.
    Whole,
    /// As much as makes a guess, which is kept here.
    Guess(Arc<OnceLock<SeedGuess>>),
}

impl SeedReading {
    /// A guess where the rows are streamed by our own materialization, and nothing comes before it that could not be
    /// undone.
    pub(crate) fn of(node: &Node, compiler: &Compiler) -> Self {
        let engine = &compiler.engine;
        let has_hooks = || {
            let hooks = node.config.get("pre-hook").and_then(Value::as_array);
            hooks.is_some_and(|hooks| !hooks.is_empty())
        };
        let may_guess = node.resource_type == ResourceType::Seed
            && !compiler.scope.is_empty
            && engine.dialect().capabilities().streams_seeds
            && engine.replacing_package(node.config.materialized()).is_none()
            && !has_hooks();
        if may_guess { Self::Guess(Arc::default()) } else { Self::Whole }
    }

    /// Reads a seed.
    pub(crate) fn read(
        &self,
        open: OpenSeed,
        delimiter: u8,
        text_columns: &[&str],
    ) -> Result<SeedContents, SeedFailure> {
        let Self::Guess(kept) = self else { return read_seed(open, delimiter, text_columns) };
        let seed = guess_seed(open, delimiter, text_columns)?;
        if let Some(guess) = seed.guess() {
            // Where a macro asks twice, the first stands; the same file gives the same guess.
            let _ = kept.set(guess.clone());
        }
        Ok(seed)
    }

    fn guess(&self) -> Option<&SeedGuess> {
        match self {
            Self::Whole => None,
            Self::Guess(kept) => kept.get(),
        }
    }

    /// Whether a guess turned out to be wrong.
    pub(crate) fn was_wrong(&self) -> bool {
        self.guess().is_some_and(SeedGuess::is_wrong)
    }

    /// False where not all rows were held against the guess: what was made of it may not be committed, and it counts as
    /// wrong from now on.
    pub(crate) fn reject_unless_borne_out(&self) -> bool {
        let open = self.guess().filter(|guess| guess.row_count().is_none());
        open.is_none_or(|guess| {
            guess.reject();
            false
        })
    }
}
