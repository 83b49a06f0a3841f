//! What a warehouse is: relations, columns, connections, dialects.
//!
//! A leaf of the house. Adapters differ first by data ([`Capabilities`]), then by a method with a default
//! ([`Dialect`], [`Connection`]), then by a SQL macro in `templates/macros/<adapter>/`; never by a `match` on
//! the adapter's name.

mod capabilities;
mod column;
mod connection;
mod dialect;
mod error;
mod estimate;
mod excerpt;
mod factory;
mod field_reader;
mod hexadecimal;
mod own_method;
pub mod presto;
mod printed_width;
mod relation;
mod rows;
mod statements;
mod tokens;

pub use capabilities::{Capabilities, Overloads};
pub use column::{Column, ColumnClass, ColumnDefinition};
pub use connection::{
    Canceller, Connection, Outcome, PythonModel, Response, RowLimit, SeedRows, SeedStream,
    Warehouse,
};
pub use dialect::{Dialect, SeedType, SourceDescription};
pub use error::{WarehouseError, WarehouseErrorKind};
pub use estimate::{Estimate, Work};
pub use excerpt::{excerpt_at, place_of};
pub use factory::{AdapterFactory, Credentials, MacroPackage, ProfileError, ProfileFields};
pub use field_reader::{FieldReader, wrong_field};
pub use hexadecimal::hexadecimal;
pub use own_method::{MacroObject, MacroValue, MethodCall};
pub use printed_width::printed_width;
pub use relation::{Quoting, Relation, RelationKind};
pub use rows::{Datum, Rows};
pub use statements::{Statement, split_statements};
pub use tokens::{Token, TokenKind, is_word, tokens};
