//! Which window of a session a model builds.

use crate::grain::Grain;

/// What a model says of its windows: nothing at all, or a grain of its own, a shift, late rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct WindowRule {
    /// The unit; that of the session where the model has none of its own.
    pub grain: Option<Grain>,
    /// How many units later than the last complete one; earlier for a negative count.
    pub offset: i32,
    /// How many units before it are built again, for rows that come late.
    pub lookback: u32,
}
