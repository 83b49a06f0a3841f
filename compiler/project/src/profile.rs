//! The chosen output of `profiles.yml`.

pub(crate) mod read;

use adapter_interface::ProfileFields;
use source::Span;

/// One output of one profile, rendered but not yet understood by its adapter.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The profile's name.
    pub name: String,
    /// The target's name.
    pub target: String,
    /// `type`.
    pub adapter_type: String,
    /// `threads` of the output, or of `--threads`; at least 1.
    pub threads: usize,
    /// All fields of the output, rendered.
    pub fields: ProfileFields,
    /// Where the output stands.
    pub span: Option<Span>,
    /// Where each field stands, for messages about it.
    pub field_spans: Vec<(String, Span)>,
}
