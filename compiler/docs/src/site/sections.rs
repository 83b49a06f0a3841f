//! Parts of pages that several kinds share.

pub mod code;
pub mod columns;
pub mod facts;
pub mod heading;
pub mod lineage;
pub mod neighbours;
pub mod run;
pub mod tests;
pub mod windows;
