//! Time as a value: session time, grain, window, calendar arithmetic.
//!
//! A leaf of the house, and pure: nothing here knows what time it is. A run is given a [`SessionTime`]; a [`Grain`]
//! cuts the calendar of its zone into [`Window`]s; [`SessionInput`] says which of them a model is to build by its
//! [`WindowRule`], and [`missing`] tells what earlier sessions left out.

mod batches;
mod calendar;
mod coverage;
mod error;
mod grain;
mod input;
mod session_time;
mod window;
mod window_rule;

pub use batches::{BatchRequest, batch_id, batch_name, batches, first_batch, utc_text};
pub use calendar::{last_complete_window, window_at, windows_between};
pub use coverage::{BuiltWindow, WindowState, made_of, missing, runs, states};
pub use error::TimeError;
pub use grain::{Grain, GrainUnit};
pub use input::SessionInput;
pub use session_time::{Reading, SessionTime, time_zone};
pub use window::Window;
pub use window_rule::WindowRule;
