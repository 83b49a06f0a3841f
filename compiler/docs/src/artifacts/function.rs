//! User-defined functions.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::node::{Compiled, ParsedNode};
use super::{Json, Text};

/// A function: a node with arguments and a result.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Function<'a> {
    /// The result; it stands first, as dbt writes it.
    pub returns: Returned<'a>,
    /// What it has in common with all nodes.
    #[serde(flatten)]
    pub parsed: ParsedNode<'a>,
    /// Its code.
    #[serde(flatten)]
    pub compiled: Compiled<'a>,
    /// What it takes.
    #[serde(flatten)]
    pub signature: Signature<'a>,
}

/// What a function takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Signature<'a> {
    /// The arguments.
    pub arguments: Vec<Argument<'a>>,
    /// Other signatures of the same name, as dbt completes them.
    pub overloads: Vec<Overload<'a>>,
}

/// A function of the same name with other arguments.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Overload<'a> {
    /// The name of the file with its body.
    pub defined_in: Text<'a>,
    /// What it takes.
    pub arguments: Vec<Argument<'a>>,
    /// What it gives, where that differs.
    pub returns: Option<Returned<'a>>,
    /// Markdown.
    pub description: Option<Text<'a>>,
    /// The template.
    pub raw_body: Option<Text<'a>>,
    /// The SQL.
    pub compiled_body: Option<Text<'a>>,
}

/// The result of a function.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Returned<'a> {
    /// The type in the words of the warehouse.
    pub data_type: Text<'a>,
    /// Markdown.
    pub description: Option<Text<'a>>,
}

/// An argument of a function.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Argument<'a> {
    /// The name.
    pub name: Text<'a>,
    /// The type in the words of the warehouse.
    pub data_type: Text<'a>,
    /// Markdown.
    pub description: Option<Text<'a>>,
    /// The value when it is left out.
    pub default_value: Option<Json<'a>>,
}

impl<'de> Deserialize<'de> for Function<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let read = || -> Result<Self, serde_json::Error> {
            let returns = value.get("returns").unwrap_or(&Value::Null);
            Ok(Self {
                returns: super::null_as_default(returns)?,
                parsed: ParsedNode::read(&value)?,
                compiled: Compiled::deserialize(&value)?,
                signature: Signature::deserialize(&value)?,
            })
        };
        read().map_err(serde::de::Error::custom)
    }
}
