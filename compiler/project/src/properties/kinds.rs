//! Macros, exposures and groups in a property file.

use serde_json::Value;
use source::Span;
use source::yaml::Mapping;

use super::{ExposureProperties, GroupProperties, MacroArgument, MacroProperties, resource};
use crate::fields::FieldReader;

const EXPOSURE_TYPES: &[&str] = &["dashboard", "notebook", "analysis", "ml", "application"];
const MATURITIES: &[&str] = &["low", "medium", "high"];

/// Reads what is said of a macro.
pub(super) fn read_macro(reader: &mut FieldReader, mapping: &Mapping) -> Option<MacroProperties> {
    reader.unknown_keys(
        mapping,
        &["name", "description", "meta", "docs", "config", "arguments"],
        "a macro",
    );
    reader.refused_nulls(mapping, &["description", "meta", "docs", "config", "arguments"]);
    let name = reader.spanned_text(mapping, "name")?;
    let config = reader.values(mapping, "config");
    let mut meta = reader.values(mapping, "meta");
    meta.extend(config.get("meta").and_then(Value::as_object).cloned().into_iter().flatten());
    let beside_config = reader.values(mapping, "docs");
    let in_config = config.get("docs").and_then(Value::as_object).filter(|docs| !docs.is_empty());
    let docs = match in_config {
        Some(docs) => docs.clone().into_iter().collect(),
        None => beside_config,
    };
    let arguments = reader.mappings(mapping, "arguments");
    Some(MacroProperties {
        name,
        description: reader.text(mapping, "description").unwrap_or_default(),
        meta,
        docs,
        arguments: arguments
            .into_iter()
            .filter_map(|(entry, span)| read_argument(reader, entry, span))
            .collect(),
    })
}

fn read_argument(reader: &mut FieldReader, mapping: &Mapping, span: Span) -> Option<MacroArgument> {
    let Some(name) = reader.text(mapping, "name") else {
        reader.missing("name", "an argument", span);
        return None;
    };
    reader.refused_keys(mapping, &["name", "type", "description"], "an argument");
    Some(MacroArgument {
        name,
        kind: reader.text(mapping, "type"),
        description: reader.text(mapping, "description").unwrap_or_default(),
    })
}

/// Reads an exposure; one without a type or an owner is refused.
pub(super) fn read_exposure(
    reader: &mut FieldReader,
    mapping: &Mapping,
    span: Span,
) -> Option<ExposureProperties> {
    let known = [
        "name",
        "type",
        "owner",
        "description",
        "label",
        "maturity",
        "meta",
        "tags",
        "url",
        "depends_on",
        "config",
    ];
    reader.refused_keys(mapping, &known, "an exposure");
    reader.refused_nulls(mapping, &["description", "meta", "tags", "config", "depends_on"]);
    reader.keys_of_config(mapping, &["meta", "tags"], "an exposure");
    let name = reader.spanned_text(mapping, "name")?;
    let Some(kind) = reader.spanned_text(mapping, "type") else {
        reader.missing("type", "an exposure", name.span);
        return None;
    };
    if !EXPOSURE_TYPES.contains(&kind.as_str()) {
        let message = format!(
            "`{}` is no type of exposures; there are {}",
            kind.value,
            words(EXPOSURE_TYPES)
        );
        reader.error(message, kind.span);
        return None;
    }
    let maturity = reader.spanned_text(mapping, "maturity").filter(|maturity| {
        let is_known = MATURITIES.contains(&maturity.as_str());
        if !is_known {
            reader.error(
                format!("`{}` is no maturity; there are {}", maturity.value, words(MATURITIES)),
                maturity.span,
            );
        }
        is_known
    });
    let mut config = resource::config_block(reader, mapping, "an exposure");
    let unrendered_config = config.clone();
    resource::fold_meta_and_tags(reader, mapping, &mut config);
    Some(ExposureProperties {
        name,
        kind,
        owner: owner(reader, mapping, "an exposure", span)?,
        label: reader.text(mapping, "label"),
        url: reader.text(mapping, "url"),
        maturity: maturity.map(|maturity| maturity.value),
        description: reader.text(mapping, "description").unwrap_or_default(),
        depends_on: reader.spanned_texts(mapping, "depends_on").unwrap_or_default(),
        config,
        unrendered_config,
    })
}

/// Reads a group; one without an owner is refused.
pub(super) fn read_group(
    reader: &mut FieldReader,
    mapping: &Mapping,
    span: Span,
) -> Option<GroupProperties> {
    reader.refused_keys(mapping, &["name", "owner", "description", "config"], "a group");
    Some(GroupProperties {
        name: reader.spanned_text(mapping, "name")?,
        description: reader.text(mapping, "description").unwrap_or_default(),
        owner: owner(reader, mapping, "a group", span)?,
        config: resource::config_block(reader, mapping, "a group"),
    })
}

/// `owner`, which needs a name or an address.
fn owner(
    reader: &mut FieldReader,
    mapping: &Mapping,
    what: &str,
    span: Span,
) -> Option<indexmap::IndexMap<String, Value>> {
    let owner = reader.values(mapping, "owner");
    let is_given = |key: &str| owner.get(key).is_some_and(|value| !value.is_null());
    if is_given("name") || is_given("email") {
        return Some(owner);
    }
    let place = mapping.key_span("owner").unwrap_or(span);
    reader.error(format!("{what} needs an `owner` with `name` or `email`"), place);
    None
}

fn words(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
