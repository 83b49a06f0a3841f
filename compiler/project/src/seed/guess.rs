//! What is guessed of a seed from its start, and whether its rows bear it out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::SeedFailure;
use super::batch::Batch;
use super::types::{ColumnKind, KindTester};

/// The kinds of a seed's columns as its start shows them. They are those of the whole file once all rows went by
/// without a failure.
#[derive(Clone)]
pub struct SeedGuess(Arc<Guess>);

struct Guess {
    /// What the start left open.
    testers: Vec<KindTester>,
    is_wrong: AtomicBool,
    /// How many rows went by, once that were all.
    row_count: OnceLock<usize>,
}

impl std::fmt::Debug for SeedGuess {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (is_wrong, row_count) = (self.is_wrong(), self.row_count());
        formatter
            .debug_struct("SeedGuess")
            .field("is_wrong", &is_wrong)
            .field("row_count", &row_count)
            .finish_non_exhaustive()
    }
}

impl SeedGuess {
    pub(super) fn new(testers: Vec<KindTester>) -> Self {
        let (is_wrong, row_count) = (AtomicBool::default(), OnceLock::new());
        Self(Arc::new(Guess { testers, is_wrong, row_count }))
    }

    /// Whether a row was met that does not fit: the seed has to be read whole, which also tells what is wrong with a
    /// file that is malformed.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.0.is_wrong.load(Ordering::Relaxed)
    }

    /// From now on the guess counts as wrong.
    pub fn reject(&self) {
        self.0.is_wrong.store(true, Ordering::Relaxed);
    }

    /// How many rows there are, once all of them went by.
    #[must_use]
    pub fn row_count(&self) -> Option<usize> {
        self.0.row_count.get().copied()
    }

    /// Holds rows from the first on against the guess.
    pub(super) fn check(&self) -> GuessCheck {
        GuessCheck { guess: self.clone(), testers: self.0.testers.clone(), row_count: 0 }
    }
}

/// One pass over the rows of a seed that was guessed.
pub(super) struct GuessCheck {
    guess: SeedGuess,
    testers: Vec<KindTester>,
    row_count: usize,
}

impl GuessCheck {
    /// Takes in what was read next: nothing at the end.
    pub(super) fn see(&mut self, batch: Result<&Batch, SeedFailure>) -> Result<(), SeedFailure> {
        let seen = batch.and_then(|batch| {
            batch.show(&mut self.testers)?;
            self.row_count += batch.row_count();
            if batch.is_empty() {
                // Another pass may have counted them before.
                let _ = self.guess.0.row_count.set(self.row_count);
            }
            Ok(())
        });
        let kinds = self.testers.iter().map(KindTester::kind);
        let guessed = self.guess.0.testers.iter().map(KindTester::kind);
        let other = kinds.zip(guessed).position(|(kind, guessed): (ColumnKind, _)| kind != guessed);
        let result = match other {
            Some(column) => seen.and(Err(does_not_fit(column))),
            None => seen,
        };
        if result.is_err() {
            self.guess.reject();
        }
        result
    }
}

fn does_not_fit(column: usize) -> SeedFailure {
    SeedFailure {
        message: format!(
            "a value in column {} is of another kind than those at the start of the file",
            column + 1
        ),
        line: None,
        hint: Some("give the column its type in `column_types`".to_owned()),
    }
}
