//! What the site is made from.

use std::collections::BTreeMap;

use crate::artifacts::catalog::Catalog;
use crate::artifacts::manifest::Manifest;
use crate::artifacts::run_results::RunResults;
use crate::artifacts::sources::FreshnessResults;

/// Everything a site can show; only the manifest must be there.
#[derive(Debug, Clone, Copy)]
pub struct SiteInput<'a> {
    /// The project.
    pub manifest: &'a Manifest<'a>,
    /// What the warehouse says.
    pub catalog: Option<&'a Catalog<'a>>,
    /// The last run.
    pub run_results: Option<&'a RunResults<'a>>,
    /// How fresh the sources are.
    pub freshness: Option<&'a FreshnessResults<'a>>,
    /// The README of the project, in Markdown: the overview, unless there is a docs block `__overview__`.
    pub readme: Option<&'a str>,
    /// For each node and each of its columns: where the values come from.
    pub column_lineage: Option<&'a BTreeMap<String, BTreeMap<String, Vec<ColumnOrigin>>>>,
    /// For each node the windows that the ledger knows, oldest first.
    pub strips: Option<&'a BTreeMap<String, Vec<StripCell>>>,
}

impl<'a> SiteInput<'a> {
    /// A site of a manifest alone.
    pub fn new(manifest: &'a Manifest<'a>) -> Self {
        Self {
            manifest,
            catalog: None,
            run_results: None,
            freshness: None,
            readme: None,
            column_lineage: None,
            strips: None,
        }
    }
}

/// A column that another column is made from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnOrigin {
    /// The node or source it belongs to.
    pub unique_id: String,
    /// Its name.
    pub column: String,
}

/// One window of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripCell {
    /// What a person calls the window: `2023-11-30`.
    pub label: String,
    /// `built`, `stale`, `failed` or `missing`.
    pub state: String,
    /// The line of the calendar that it stands in, such as the month of a day.
    pub row: String,
    /// Its place in the line, from 0.
    pub place: usize,
}
