//! Where tables lie in S3; mirrors dbt-athena's `generate_s3_location`.

use crate::profile::Settings;

/// How the place of a table is named; dbt-athena's `S3DataNaming`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataNaming {
    /// A name that no other table has, and nothing else.
    Unique,
    /// The table's name.
    Table,
    /// The table's name, then one that no other has.
    TableUnique,
    /// The schema's and the table's name.
    SchemaTable,
    /// The schema's and the table's name, then one that no other has.
    SchemaTableUnique,
}

impl DataNaming {
    /// The words for them, in the order of the variants.
    pub(crate) const NAMES: [&str; 5] =
        ["unique", "table", "table_unique", "schema_table", "schema_table_unique"];

    /// The naming of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Unique,
            Self::Table,
            Self::TableUnique,
            Self::SchemaTable,
            Self::SchemaTableUnique,
        ];
        all.into_iter().find(|naming| naming.as_str() == word)
    }

    /// Its word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unique => Self::NAMES[0],
            Self::Table => Self::NAMES[1],
            Self::TableUnique => Self::NAMES[2],
            Self::SchemaTable => Self::NAMES[3],
            Self::SchemaTableUnique => Self::NAMES[4],
        }
    }
}

/// The table whose place is asked for, with what its model says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The schema.
    pub schema: &'a str,
    /// The table.
    pub table: &'a str,
    /// The config `s3_data_dir`.
    pub data: Option<&'a str>,
    /// The config `s3_data_naming`.
    pub naming: Option<&'a str>,
    /// The config `s3_tmp_table_dir`.
    pub temporary: Option<&'a str>,
    /// The config `external_location`, which is the place itself.
    pub external: Option<&'a str>,
    /// Whether the table is one that a run makes for itself.
    pub is_temporary: bool,
    /// A name that no other table has.
    pub unique: &'a str,
}

/// The place of a table, without a slash at its end. An error says what is missing.
pub(crate) fn of(wanted: &Wanted<'_>, settings: &Settings) -> Result<String, String> {
    if let Some(external) = wanted.external.filter(|_| !wanted.is_temporary) {
        return Ok(external.trim_end_matches('/').to_owned());
    }
    let naming = match wanted.naming {
        None => settings.naming,
        Some(word) => DataNaming::parse(word).ok_or_else(|| {
            format!("`s3_data_naming` is one of {}, not `{word}`", DataNaming::NAMES.join(", "))
        })?,
    };
    let temporary = wanted.temporary.or(settings.temporary.as_deref());
    let data = wanted.data.or(settings.data.as_deref());
    let folder = match (temporary.filter(|_| wanted.is_temporary), data, &settings.staging) {
        (Some(folder), ..) | (None, Some(folder), _) => folder.trim_end_matches('/').to_owned(),
        (None, None, Some(staging)) => format!("{staging}/tables"),
        (None, None, None) => {
            return Err(
                "nothing says where tables go: set `s3_data_dir` in the profile, or in the config"
                    .to_owned(),
            );
        }
    };
    let Wanted { schema, table, unique, .. } = wanted;
    Ok(match naming {
        DataNaming::Unique => format!("{folder}/{unique}"),
        DataNaming::Table => format!("{folder}/{table}"),
        DataNaming::TableUnique => format!("{folder}/{table}/{unique}"),
        DataNaming::SchemaTable => format!("{folder}/{schema}/{table}"),
        DataNaming::SchemaTableUnique => format!("{folder}/{schema}/{table}/{unique}"),
    })
}

/// A bucket and the beginning of the names in it, with a slash at its end. An error says what is wrong: a place that is
/// a whole bucket is never meant, as what is in it is deleted.
pub(crate) fn bucket_and_prefix(place: &str) -> Result<(&str, String), String> {
    let rest = place
        .strip_prefix("s3://")
        .or_else(|| place.strip_prefix("s3a://"))
        .ok_or_else(|| format!("`{place}` is no place in S3"))?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_matches('/');
    if bucket.is_empty() || prefix.is_empty() {
        return Err(format!("`{place}` is a whole bucket; a table needs a folder in it"));
    }
    Ok((bucket, format!("{prefix}/")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(more: &serde_json::Value) -> Settings {
        let mut fields =
            json!({"region_name": "r", "schema": "s", "s3_staging_dir": "s3://b/results/"});
        for (name, value) in more.as_object().unwrap() {
            fields[name] = value.clone();
        }
        let fields = fields.as_object().unwrap().clone().into_iter().collect();
        let credentials = crate::profile::read(&fields).unwrap();
        credentials.details.downcast_ref::<Settings>().unwrap().clone()
    }

    fn wanted<'a>() -> Wanted<'a> {
        Wanted {
            schema: "shop",
            table: "orders",
            data: None,
            naming: None,
            temporary: None,
            external: None,
            is_temporary: false,
            unique: "u",
        }
    }

    #[test]
    fn places_follow_profile_and_config() {
        let usual = settings(&json!({}));
        let own =
            settings(&json!({"s3_data_dir": "s3://b/data/", "s3_tmp_table_dir": "s3://b/tmp"}));
        let cases = [
            (wanted(), &usual, "s3://b/results/tables/shop/orders/u"),
            (wanted(), &own, "s3://b/data/shop/orders/u"),
            (Wanted { is_temporary: true, ..wanted() }, &own, "s3://b/tmp/shop/orders/u"),
            (Wanted { naming: Some("table"), ..wanted() }, &own, "s3://b/data/orders"),
            (Wanted { naming: Some("unique"), ..wanted() }, &own, "s3://b/data/u"),
            (Wanted { naming: Some("schema_table"), ..wanted() }, &own, "s3://b/data/shop/orders"),
            (Wanted { data: Some("s3://c/d/"), ..wanted() }, &own, "s3://c/d/shop/orders/u"),
            (Wanted { external: Some("s3://e/f/"), ..wanted() }, &own, "s3://e/f"),
        ];
        for (wanted, settings, place) in cases {
            assert_eq!(of(&wanted, settings).unwrap(), place, "{wanted:?}");
        }
        let nowhere = settings(&json!({"s3_staging_dir": null, "work_group": "g"}));
        assert!(of(&wanted(), &nowhere).unwrap_err().starts_with("nothing says where tables go"));
        assert!(of(&Wanted { naming: Some("x"), ..wanted() }, &own).is_err());
    }

    #[test]
    fn a_whole_bucket_is_never_a_place() {
        assert_eq!(bucket_and_prefix("s3://b/a/c").unwrap(), ("b", "a/c/".to_owned()));
        assert_eq!(bucket_and_prefix("s3a://b/a/").unwrap(), ("b", "a/".to_owned()));
        for place in ["s3://b", "s3://b/", "s3:///a", "/a/b"] {
            assert!(bucket_and_prefix(place).is_err(), "{place}");
        }
    }
}
