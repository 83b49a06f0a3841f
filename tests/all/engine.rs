//! A small project on any of the warehouses, for tests that ask the same of all of them.

use crate::parts;
use crate::postgres_server::Server;
use crate::quern::{Outcome, Quern};

/// A project and where its relations go: a schema of its own.
pub struct Engine {
    /// The name of the adapter.
    pub name: &'static str,
    /// The project.
    pub quern: Quern,
    /// What has to run as long as the project does.
    _server: Option<Server>,
}

impl Engine {
    /// On a file.
    pub fn duckdb() -> Self {
        Self::at("duckdb", "type: duckdb, path: shop.duckdb, schema: shop", None)
    }

    /// On a server of its own.
    pub fn postgres() -> Option<Self> {
        let server = Server::start()?;
        let fields = format!(
            "type: postgres, host: 127.0.0.1, port: {}, user: owner, password: sesame, dbname: shop, schema: shop",
            server.port()
        );
        Some(Self::at("postgres", &fields, Some(server)))
    }

    /// On an emulator.
    pub fn bigquery(schema: &str) -> Option<Self> {
        let endpoint = parts::bigquery()?;
        let fields = format!(
            "type: bigquery, method: oauth-secrets, token: any, project: dbt, api_endpoint: '{endpoint}', \
             dataset: {schema}_{}",
            std::process::id()
        );
        Some(Self::at("bigquery", &fields, None))
    }

    /// On a server with the catalog `iceberg`.
    pub fn trino(schema: &str) -> Option<Self> {
        let url = parts::trino()?;
        let (host, port) = url.rsplit_once(':').expect("the address has a port");
        let fields = format!(
            "type: trino, host: {host}, port: {port}, user: admin, database: iceberg, timezone: UTC, \
             schema: {schema}_{}",
            std::process::id()
        );
        Some(Self::at("trino", &fields, None))
    }

    fn at(name: &'static str, fields: &str, server: Option<Server>) -> Self {
        let quern = Quern::in_empty_folder();
        quern.write("dbt_project.yml", "{name: shop, version: '1.0', profile: shop}\n");
        quern.write(
            "profiles.yml",
            &format!("shop: {{target: dev, outputs: {{dev: {{threads: 2, {fields}}}}}}}\n"),
        );
        quern.write(
            "macros/operations.sql",
            "{% macro execute_sql(text) %}{% do run_query(render(text)) %}{% endmacro %}\n\
             {% macro clean() %}{% do adapter.drop_schema(api.Relation.create(database=target.database, \
             schema=target.schema)) %}{% endmacro %}\n\
             {% macro here(name) %}{{ return(api.Relation.create(database=target.database, \
             schema=target.schema, identifier=name)) }}{% endmacro %}\n\
             {% macro list_tables() %}{{ print('found: ' ~ adapter.list_relations(target.database, target.schema) \
             | map(attribute='identifier') | sort | join(' ')) }}{% endmacro %}\n",
        );
        Self { name, quern, _server: server }
    }

    /// Writes a model with its configuration.
    pub fn model(&self, name: &str, config: &str, sql: &str) {
        self.quern
            .write(&format!("models/{name}.sql"), &format!("{{{{ config({config}) }}}}\n{sql}\n"));
    }

    /// Runs a statement past the models, as somebody else would; `{{ here('name') }}` is a relation of the schema.
    pub fn sql(&self, text: &str) -> Outcome {
        let text = text.replace('"', "\\\"");
        let arguments = format!("{{\"text\": \"{text}\"}}");
        self.quern.succeed(&["run-operation", "execute_sql", "--args", &arguments])
    }

    /// The rows of a query, as JSON.
    pub fn rows(&self, sql: &str) -> String {
        let shown = self
            .quern
            .succeed(&["show", "-q", "--output", "json", "--limit", "-1", "--inline", sql]);
        let start = shown.text.find('{').expect("JSON");
        let value: serde_json::Value =
            serde_json::from_str(shown.text[start..].trim()).expect("JSON and nothing else");
        value["show"].to_string()
    }

    /// What the warehouse calls the only column of the only row: a count.
    pub fn count(&self, relation: &str) -> String {
        self.rows(&format!("select count(*) as n from {relation}"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if matches!(self.name, "trino" | "bigquery") {
            let _ = self.quern.run(&["run-operation", "clean"]);
        }
    }
}
