//! What quern reads and how it complains: files, spans, YAML, diagnostics.
//!
//! The leftmost crate of the pipeline: everything else leans on it and it leans on nothing of ours.

pub mod advice;
pub mod clock;
pub mod codes;
pub mod diagnostic;
pub mod file_system;
pub mod path;
pub mod python_text;
pub mod render;
pub mod sources;
pub mod span;
pub mod suggest;
pub mod warned;
pub mod yaml;

pub use clock::{Clock, FixedClock, SystemClock};
pub use codes::Code;
pub use diagnostic::{Diagnostic, Label, Severity};
pub use file_system::{DiskFileSystem, FileSystem, MemoryFileSystem};
pub use path::ProjectPath;
pub use sources::{SourceFile, Sources};
pub use span::{FileId, Span, Spanned};
pub use warned::Warned;
