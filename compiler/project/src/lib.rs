//! Files into a typed project.
//!
//! The second stage of the pipeline: `source` has the texts, `project` finds which of them matter, reads the YAML
//! among them into types with spans, reads the profile, and knows dbt's rules of how configurations merge.
//! It renders no model: templates inside YAML go through [`TextRenderer`], which the `template` crate implements.

pub mod config;
mod entries;
pub mod environment;
mod fields;
mod fixture;
pub mod load;
mod omit_none;
pub mod package;
pub mod profile;
pub mod properties;
pub mod quern_settings;
pub mod renderer;
pub mod resource_type;
pub mod seed;
mod session_time;
pub mod settings;
mod tree;
pub mod version_range;

pub use config::{BatchRule, ConfigOptions, NodeConfig, OptionLayers};
pub use entries::Entries;
pub use environment::Environment;
pub use fixture::fixture_rows;
pub use load::{LoadInput, TargetDescription, load};
pub use omit_none::omit_none;
pub use package::{DocBlockFile, Package, Project, SeedFile, SqlFile};
pub use profile::Profile;
pub use properties::PropertyFile;
pub use quern_settings::{LedgerSettings, QuernSettings, Requirement, SessionSettings, WallClock};
pub use renderer::{RenderFailure, TextRenderer, TextScope};
pub use resource_type::ResourceType;
pub use seed::{OpenSeed, SeedContents, SeedFailure, SeedRows, read_seed};
pub use settings::{ProjectSettings, QueryCommentSetting};
