//! What Glue's catalog knows of databases and tables; mirrors what dbt-athena reads there.

use adapter_interface::{
    Column, Datum, Quoting, Relation, RelationKind, Rows, WarehouseError, WarehouseErrorKind,
};
use serde_json::{Map, Value, json};

use crate::connection::Shared;
use crate::error::{self, ApiError};
use crate::types;

/// How a database is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Catalog {
    /// By Glue, under an id; without one it is the account's own catalog.
    Glue(Option<String>),
    /// By a connector of Athena: only queries see it.
    Federated,
}

/// The tables of Iceberg say so in a parameter, whatever their type.
pub(crate) fn is_iceberg(table: &Value) -> bool {
    table["Parameters"]["table_type"]
        .as_str()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("iceberg"))
}

/// dbt-athena's word for what a table is: `table`, `view` or `iceberg_table`.
pub(crate) fn table_type(table: &Value) -> &'static str {
    if is_iceberg(table) {
        "iceberg_table"
    } else if table["TableType"] == "VIRTUAL_VIEW" {
        "view"
    } else {
        "table"
    }
}

/// Where the data of a table lies; nothing for views.
pub(crate) fn location(table: &Value) -> Option<&str> {
    if table_type(table) == "view" {
        return None;
    }
    table["StorageDescriptor"]["Location"].as_str().filter(|place| !place.is_empty())
}

/// The columns of a table as Glue has them, those of its partitions last. Columns that Iceberg remembers from former
/// versions are none.
pub(crate) fn columns_of(table: &Value) -> impl Iterator<Item = &Value> {
    let list = |value: &'static str, of: &Value| of[value].as_array().map_or(0, Vec::len);
    let own = &table["StorageDescriptor"];
    let (count, keys) = (list("Columns", own), list("PartitionKeys", table));
    let all = (0..count)
        .map(move |index| &own["Columns"][index])
        .chain((0..keys).map(move |index| &table["PartitionKeys"][index]));
    all.filter(|column| column["Parameters"]["iceberg.field.current"] != "false")
}

/// A request to Glue about a database of a catalog.
pub(crate) struct Place<'a> {
    shared: &'a Shared,
    catalog: Option<String>,
    schema: String,
}

impl<'a> Place<'a> {
    /// The schema of a relation; nothing where Glue does not know the catalog.
    pub(crate) fn of(
        shared: &'a Shared,
        relation: &Relation,
    ) -> Result<Option<Self>, WarehouseError> {
        let schema = relation.schema.as_deref().unwrap_or(&shared.settings.schema);
        Ok(match shared.catalog(relation.database.as_deref())? {
            Catalog::Glue(catalog) => Some(Self { shared, catalog, schema: schema.to_lowercase() }),
            Catalog::Federated => None,
        })
    }

    /// The same, where only Glue will do.
    pub(crate) fn required(
        shared: &'a Shared,
        relation: &Relation,
    ) -> Result<Self, WarehouseError> {
        Self::of(shared, relation)?.ok_or_else(|| {
            WarehouseError::new(
                WarehouseErrorKind::Configuration,
                format!(
                    "the catalog `{}` is not one of Glue: tables are only built there",
                    relation.database.as_deref().unwrap_or_default()
                ),
            )
        })
    }

    /// A request with what it says beside the database.
    pub(crate) fn ask(&self, operation: &str, more: Value) -> Result<Value, ApiError> {
        let mut input = Map::new();
        if let Some(catalog) = &self.catalog {
            input.insert("CatalogId".to_owned(), json!(catalog));
        }
        let database = if operation.ends_with("Database") { "Name" } else { "DatabaseName" };
        input.insert(database.to_owned(), json!(self.schema));
        if let Value::Object(more) = more {
            input.extend(more);
        }
        self.shared.service.glue(operation, &Value::Object(input))
    }

    /// All pages of a request: the items of the list of a name.
    pub(crate) fn ask_all(
        &self,
        operation: &str,
        list: &str,
        more: &Value,
    ) -> Result<Vec<Value>, ApiError> {
        pages(list, |token| {
            let mut input = more.clone();
            if let Some(token) = token {
                input["NextToken"] = json!(token);
            }
            self.ask(operation, input)
        })
    }

    /// What to say of a failure.
    pub(crate) fn fails(&self, error: &ApiError, doing: &str, name: &str) -> WarehouseError {
        let name =
            if name.is_empty() { self.schema.clone() } else { format!("{}.{name}", self.schema) };
        error::from_api(error, &format!("{doing} {name}"))
    }

    /// A table; nothing where there is none of the name.
    pub(crate) fn table(&self, name: &str) -> Result<Option<Value>, WarehouseError> {
        match self.ask("GetTable", json!({"Name": name})) {
            Ok(mut answer) => Ok(Some(answer["Table"].take())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(self.fails(&error, "reading the table", name)),
        }
    }
}

/// The items of a list that comes in pages.
fn pages(
    list: &str,
    mut ask: impl FnMut(Option<&str>) -> Result<Value, ApiError>,
) -> Result<Vec<Value>, ApiError> {
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut page = ask(token.as_deref())?;
        if let Value::Array(items) = page[list].take() {
            all.extend(items);
        }
        let next = page["NextToken"].as_str().filter(|token| !token.is_empty());
        // A service that gives the same page again would never end.
        if next.is_none() || next == token.as_deref() {
            return Ok(all);
        }
        token = next.map(str::to_owned);
    }
}

/// A relation's own name as Glue has it.
pub(crate) fn name_of(relation: &Relation) -> String {
    relation.identifier.as_deref().unwrap_or_default().to_lowercase()
}

/// The relations of a schema; nothing where only a query can tell.
pub(crate) fn relations(
    shared: &Shared,
    schema: &Relation,
) -> Result<Option<Vec<Relation>>, WarehouseError> {
    let Some(place) = Place::of(shared, schema)? else { return Ok(None) };
    let tables = match place.ask_all("GetTables", "TableList", &json!({})) {
        Ok(tables) => tables,
        Err(error) if error.is_not_found() => return Ok(Some(Vec::new())),
        Err(error) => return Err(place.fails(&error, "listing the tables of", "")),
    };
    let relation = |table: &Value| {
        table["TableType"].as_str()?;
        let kind =
            if table_type(table) == "view" { RelationKind::View } else { RelationKind::Table };
        let name = table["Name"].as_str()?;
        let database = schema.database.as_deref();
        Some(
            Relation::new(database, schema.schema.as_deref(), Some(name), Quoting::ALL)
                .with_kind(kind),
        )
    };
    Ok(Some(tables.iter().filter_map(relation).collect()))
}

/// The columns of a relation, none where there is no such relation; nothing where only a query can tell.
pub(crate) fn columns(
    shared: &Shared,
    relation: &Relation,
) -> Result<Option<Vec<Column>>, WarehouseError> {
    let Some(place) = Place::of(shared, relation)? else { return Ok(None) };
    let Some(table) = place.table(&name_of(relation))? else { return Ok(Some(Vec::new())) };
    let is_iceberg = is_iceberg(&table);
    let column = |column: &Value| {
        let kind = column["Type"].as_str().unwrap_or_default();
        // Iceberg keeps microseconds, which the type's name in Glue does not say.
        let kind = if is_iceberg && kind == "timestamp" { "timestamp(6)" } else { kind };
        types::column(column["Name"].as_str().unwrap_or_default(), kind)
    };
    Ok(Some(columns_of(&table).map(column).collect()))
}

/// The names of all databases.
pub(crate) fn databases(
    shared: &Shared,
    database: Option<&str>,
) -> Result<Vec<String>, WarehouseError> {
    let relation = Relation::new(database, None, None, Quoting::ALL);
    let place = Place::required(shared, &relation)?;
    let listed = pages("DatabaseList", |token| {
        let mut input = Map::new();
        if let Some(catalog) = &place.catalog {
            input.insert("CatalogId".to_owned(), json!(catalog));
        }
        if let Some(token) = token {
            input.insert("NextToken".to_owned(), json!(token));
        }
        shared.service.glue("GetDatabases", &Value::Object(input))
    });
    let listed = listed.map_err(|error| error::from_api(&error, "listing the databases"))?;
    let name = |database: &Value| database["Name"].as_str().map(str::to_owned);
    Ok(listed.iter().filter_map(name).collect())
}

/// Whether a schema is there; asked by its name, which needs fewer permissions than a listing.
pub(crate) fn schema_exists(shared: &Shared, schema: &Relation) -> Result<bool, WarehouseError> {
    let place = Place::required(shared, schema)?;
    match place.ask("GetDatabase", json!({})) {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(place.fails(&error, "reading the database", "")),
    }
}

/// One row for each column of the tables of some schemas: what the docs show. One chain of requests for each schema.
pub(crate) fn catalog_rows(
    shared: &Shared,
    database: Option<&str>,
    schemas: &[String],
) -> Result<Rows, WarehouseError> {
    let names = [
        "table_database",
        "table_schema",
        "table_name",
        "table_type",
        "table_comment",
        "column_name",
        "column_index",
        "column_type",
        "column_comment",
    ];
    let mut rows = Rows {
        columns: names.map(str::to_owned).to_vec(),
        types: vec!["varchar".to_owned(); names.len()],
        rows: Vec::new(),
    };
    for schema in schemas {
        let relation = Relation::new(database, Some(schema), None, Quoting::ALL);
        let Some(place) = Place::of(shared, &relation)? else { continue };
        let tables = match place.ask_all("GetTables", "TableList", &json!({"MaxResults": 100})) {
            Ok(tables) => tables,
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(place.fails(&error, "listing the tables of", "")),
        };
        for table in tables.iter().filter(|table| table["TableType"].is_string()) {
            rows.rows.extend(table_rows(table, database, schema));
        }
    }
    Ok(rows)
}

fn table_rows(table: &Value, database: Option<&str>, schema: &str) -> Vec<Vec<Datum>> {
    let text =
        |value: &Value| value.as_str().map_or(Datum::Null, |text| Datum::Text(text.to_owned()));
    let comment = match &table["Parameters"]["comment"] {
        Value::Null => text(&table["Description"]),
        comment => text(comment),
    };
    let row = |(index, column): (usize, &Value)| {
        vec![
            database.map_or(Datum::Null, |name| Datum::Text(name.to_owned())),
            Datum::Text(schema.to_owned()),
            text(&table["Name"]),
            Datum::Text(table_type(table).to_owned()),
            comment.clone(),
            text(&column["Name"]),
            Datum::Integer(index as i128),
            text(&column["Type"]),
            text(&column["Comment"]),
        ]
    };
    columns_of(table).enumerate().map(row).collect()
}

/// The fields of a table that can be written back; Glue refuses those that it fills in itself.
pub(crate) fn table_input(table: &Value) -> Value {
    const WRITABLE: [&str; 13] = [
        "Name",
        "Description",
        "Owner",
        "LastAccessTime",
        "LastAnalyzedTime",
        "Retention",
        "StorageDescriptor",
        "PartitionKeys",
        "ViewOriginalText",
        "ViewExpandedText",
        "TableType",
        "Parameters",
        "TargetTable",
    ];
    let fields = WRITABLE.iter().filter_map(|name| {
        let value = table.get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    });
    Value::Object(fields.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Value {
        json!({
            "Name": "orders", "DatabaseName": "shop", "TableType": "EXTERNAL_TABLE", "CreatedBy": "x",
            "Description": "all", "Parameters": {"table_type": "ICEBERG"},
            "StorageDescriptor": {"Location": "s3://b/x", "Columns": [
                {"Name": "id", "Type": "int", "Comment": "the key"},
                {"Name": "old", "Type": "int", "Parameters": {"iceberg.field.current": "false"}},
            ]},
            "PartitionKeys": [{"Name": "day", "Type": "date"}],
        })
    }

    #[test]
    fn tables_say_what_they_are() {
        assert_eq!(table_type(&table()), "iceberg_table");
        assert_eq!(table_type(&json!({"TableType": "VIRTUAL_VIEW"})), "view");
        assert_eq!(table_type(&json!({"TableType": "EXTERNAL_TABLE"})), "table");
        assert_eq!(location(&table()), Some("s3://b/x"));
        assert_eq!(
            location(&json!({"TableType": "VIRTUAL_VIEW", "StorageDescriptor": {"Location": "x"}})),
            None
        );
    }

    #[test]
    fn columns_of_former_versions_are_none() {
        let table = table();
        let names: Vec<_> = columns_of(&table).map(|column| column["Name"].clone()).collect();
        assert_eq!(names, ["id", "day"]);
        let rows = table_rows(&table, Some("awsdatacatalog"), "shop");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0][4], Datum::Text("all".to_owned()));
        assert_eq!(rows[0][8], Datum::Text("the key".to_owned()));
        assert_eq!(rows[1][5..7], [Datum::Text("day".to_owned()), Datum::Integer(1)]);
    }

    #[test]
    fn what_glue_fills_in_is_not_written_back() {
        let input = table_input(&table());
        assert_eq!(input.get("CreatedBy"), None);
        assert_eq!(input.get("DatabaseName"), None);
        assert_eq!(input["Name"], "orders");
    }

    #[test]
    fn pages_are_asked_for_until_the_last() {
        let mut asked = Vec::new();
        let all = pages("Items", |token| {
            asked.push(token.map(str::to_owned));
            Ok(match token {
                None => json!({"Items": [1], "NextToken": "a"}),
                Some("a") => json!({"Items": [2, 3], "NextToken": "b"}),
                _ => json!({"Items": []}),
            })
        });
        assert_eq!(all.unwrap(), [1, 2, 3]);
        assert_eq!(asked, [None, Some("a".to_owned()), Some("b".to_owned())]);
    }
}
