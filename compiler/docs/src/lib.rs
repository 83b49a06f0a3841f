//! Published formats and the documentation site.
//!
//! `artifacts` holds the types of the files other programs read (manifest, catalog, run results, sources);
//! `site` turns them into a folder of plain HTML files, in memory. Last stage of the pipeline: nothing here touches a disk.

pub mod artifacts;
pub mod describe;
pub mod site;

pub use describe::{
    ColumnLineage, Head, ManifestStream, describe_catalog, describe_column_lineage,
    describe_freshness, describe_manifest, describe_results,
};
pub use site::{Site, SiteFile, SiteInput, StripCell, render};
