//! What Athena, Glue and S3 are to the program, in memory: tables and files are kept, statements are looked at only as
//! far as they make, rename or drop a table. Each request is noted in a line.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use fancy_regex::Regex;
use serde_json::{Value, json};

/// The services; they end with the process.
pub struct StandIn {
    /// Where they are.
    pub address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By name; there is one schema.
    tables: BTreeMap<String, Value>,
    schemas: Vec<String>,
    objects: Vec<String>,
    log: Vec<String>,
    /// Rows for queries that contain a text.
    rows: Vec<(String, Vec<Vec<String>>)>,
    /// Reasons for which queries that contain a text fail, each once.
    failures: VecDeque<(String, String)>,
    queries: Vec<(String, Option<String>)>,
}

impl StandIn {
    /// Starts them, with nothing in them.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, stream) = (shared.clone(), stream.expect("a connection"));
                thread::spawn(move || while serve(&stream, &state).is_some() {});
            }
        });
        Self { address, state }
    }

    /// The rows that queries give that contain a text.
    pub fn answer(&self, text: &str, rows: &[&[&str]]) {
        let rows =
            rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect();
        self.state.lock().expect("state").rows.insert(0, (text.to_owned(), rows));
    }

    /// Lets the next query that contains a text fail.
    pub fn fail_once(&self, text: &str, reason: &str) {
        let failure = (text.to_owned(), reason.to_owned());
        self.state.lock().expect("state").failures.push_back(failure);
    }

    /// What was asked since this was last called, names that differ from run to run made one.
    pub fn take_log(&self) -> String {
        let log = std::mem::take(&mut self.state.lock().expect("state").log).join("\n");
        let unique =
            Regex::new("[0-9a-f]{8}([-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}").expect("a pattern");
        unique.replace_all(&log, "<id>").into_owned()
    }

    /// The tables with the places of their files, which are there or not.
    pub fn tables(&self) -> Vec<String> {
        let state = self.state.lock().expect("state");
        let shown = |(name, table): (&String, &Value)| {
            let place = table["StorageDescriptor"]["Location"].as_str().unwrap_or_default();
            let has_files =
                state.objects.iter().any(|key| !place.is_empty() && place.ends_with(folder(key)));
            let kind = if table["TableType"] == "VIRTUAL_VIEW" { "view" } else { "table" };
            format!("{kind} {name}{}", if has_files { " with files" } else { "" })
        };
        state.tables.iter().map(shown).collect()
    }
}

/// The folder of an object.
fn folder(key: &str) -> &str {
    key.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn group(pattern: &str, text: &str) -> Option<String> {
    let found = Regex::new(pattern).expect("a pattern").captures(text).expect("a search")?;
    Some(found.get(1)?.as_str().to_owned())
}

impl State {
    /// Runs a statement as far as it is understood; gives why it failed.
    fn run(&mut self, sql: &str) -> Option<String> {
        let shown =
            sql.lines().filter(|line| !line.starts_with("-- /*")).collect::<Vec<_>>().join(" ");
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        self.log.push(format!("query: {shown}"));
        if let Some(place) = self.failures.iter().position(|(text, _)| shown.contains(text)) {
            return self.failures.remove(place).map(|(_, reason)| reason);
        }
        let name = |pattern: &str| group(pattern, &shown).map(|name| name.to_lowercase());
        if let Some(table) = name(r#"^create table "\w+"\."\w+"\."(\w+)" with"#) {
            let is_iceberg = shown.contains("table_type='iceberg'");
            let place = group("location='([^']+)'", &shown).unwrap_or_default();
            let keys = group("partitioned_by=ARRAY\\[([^\\]]+)\\]", &shown).unwrap_or_default();
            let keys: Vec<_> =
                keys.split(", ").map(|key| key.trim_matches('\'').to_owned()).collect();
            let mut columns = vec![("id", "int"), ("name", "string"), ("at", "timestamp")];
            if shown.contains("dbt_scd_id") {
                let own = ["dbt_updated_at", "dbt_valid_from", "dbt_valid_to"];
                columns.push(("dbt_scd_id", "string"));
                columns.extend(own.map(|name| (name, "timestamp")));
            }
            let column = |(name, kind): &(&str, &str)| json!({"Name": name, "Type": kind});
            let of = |is_key: bool| -> Vec<Value> {
                let chosen =
                    columns.iter().filter(|(name, _)| keys.iter().any(|key| key == name) == is_key);
                chosen.map(column).collect()
            };
            self.objects.push(format!("{}/part-0", place.trim_start_matches("s3://lake/")));
            let kind = if is_iceberg { "ICEBERG" } else { "" };
            self.tables.insert(
                table.clone(),
                json!({
                    "Name": table, "TableType": "EXTERNAL_TABLE", "Parameters": {"table_type": kind},
                    "StorageDescriptor": {"Location": place, "Columns": of(false)}, "PartitionKeys": of(true),
                }),
            );
        } else if let Some(table) =
            name(r"^create (?:external )?table (?:if not exists )?`\w+`\.`(\w+)` \(")
        {
            let place = group("location '([^']+)'", &shown).unwrap_or_default();
            let place = place.trim_end_matches('/');
            let listed = group(r"` \((.+?)\) (?:row|stored|location)", &shown).unwrap_or_default();
            let column = |line: &str| {
                let (name, kind) = line.trim().split_once(' ')?;
                Some(json!({"Name": name.trim_matches('`'), "Type": kind}))
            };
            let columns: Vec<_> = listed.split(',').filter_map(column).collect();
            let kind = if shown.contains("'ICEBERG'") { "ICEBERG" } else { "" };
            self.tables.insert(
                table.clone(),
                json!({
                    "Name": table, "TableType": "EXTERNAL_TABLE", "Parameters": {"table_type": kind},
                    "StorageDescriptor": {"Location": place, "Columns": columns},
                }),
            );
        } else if let Some(view) = name(r#"^create or replace view "\w+"\."\w+"\."(\w+)" as"#) {
            let columns = [json!({"Name": "id", "Type": "int"})];
            self.tables.insert(
                view.clone(),
                json!({"Name": view, "TableType": "VIRTUAL_VIEW", "StorageDescriptor": {"Columns": columns}}),
            );
        } else if let Some(from) = name(r"^alter table `\w+`\.`(\w+)` rename to") {
            let to = name(r"rename to `\w+`\.`(\w+)`").expect("a new name");
            let Some(mut table) = self.tables.remove(&from) else {
                return Some(format!("TABLE_NOT_FOUND: line 1:1: Table '{from}' does not exist"));
            };
            table["Name"] = json!(to);
            self.tables.insert(to, table);
        } else if let Some(schema) = name(r"^create schema if not exists `(\w+)`") {
            self.schemas.push(schema);
        }
        None
    }

    /// A request to Athena.
    fn athena(&mut self, operation: &str, input: &Value) -> Result<Value, &'static str> {
        let index = || -> usize {
            let id = input["QueryExecutionId"].as_str().and_then(|id| id.strip_prefix("query-"));
            id.and_then(|id| id.parse().ok()).expect("a query")
        };
        Ok(match operation {
            "StartQueryExecution" => {
                let sql = input["QueryString"].as_str().expect("a statement").to_owned();
                let failure = self.run(&sql);
                self.queries.push((sql, failure));
                json!({"QueryExecutionId": format!("query-{}", self.queries.len() - 1)})
            }
            "GetQueryExecution" => {
                let (sql, failure) = &self.queries[index()];
                let state = if failure.is_some() { "FAILED" } else { "SUCCEEDED" };
                let word = sql.lines().rfind(|line| line.contains(' ')).unwrap_or(sql);
                let is_definition = ["alter", "drop", "create schema", "create external"]
                    .iter()
                    .any(|start| sql.starts_with(start) || word.starts_with(start));
                json!({"QueryExecution": {
                    "Status": {"State": state, "StateChangeReason": failure},
                    "StatementType": if is_definition { "DDL" } else { "DML" },
                    "Statistics": {"DataScannedInBytes": 1},
                }})
            }
            "GetQueryResults" => {
                let sql = &self.queries[index()].0;
                let found = self.rows.iter().find(|(text, _)| sql.contains(text.as_str()));
                let rows = found.map(|(_, rows)| rows.clone()).unwrap_or_default();
                let width = rows.first().map_or(3, Vec::len);
                let names = ["id", "name", "at"];
                let columns: Vec<_> = (0..width)
                    .map(|place| json!({"Name": names.get(place).unwrap_or(&"more"), "Type": "varchar"}))
                    .collect();
                let header: Vec<String> = (0..width)
                    .map(|place| names.get(place).unwrap_or(&"more").to_string())
                    .collect();
                let cell = |text: &String| json!({"VarCharValue": text});
                let row = |cells: &Vec<String>| json!({"Data": cells.iter().map(cell).collect::<Vec<_>>()});
                let all: Vec<_> = std::iter::once(&header).chain(&rows).map(row).collect();
                json!({"UpdateCount": rows.len(), "ResultSet": {
                    "Rows": all, "ResultSetMetadata": {"ColumnInfo": columns},
                }})
            }
            "StopQueryExecution" => json!({}),
            _ => return Err("InvalidRequestException"),
        })
    }

    /// A request to Glue.
    fn glue(&mut self, operation: &str, input: &Value) -> Result<Value, &'static str> {
        let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
        let name = if operation == "UpdateTable" {
            input["TableInput"]["Name"].as_str().unwrap_or_default().to_owned()
        } else {
            text("Name") + &text("TableName")
        };
        let detail =
            input["Expression"].as_str().map(|words| format!(" {words}")).unwrap_or_default();
        self.log.push(format!("glue: {operation} {name}{detail}").trim_end().to_owned());
        const MISSING: &str = "EntityNotFoundException";
        Ok(match operation {
            "GetDatabases" => {
                let all: Vec<_> = self.schemas.iter().map(|name| json!({"Name": name})).collect();
                json!({"DatabaseList": all})
            }
            "GetDatabase" if self.schemas.contains(&name) => json!({"Database": {"Name": name}}),
            "GetDatabase" => return Err(MISSING),
            "GetTables" => json!({"TableList": self.tables.values().collect::<Vec<_>>()}),
            "GetTable" => json!({"Table": self.tables.get(&name).ok_or(MISSING)?}),
            "DeleteTable" => {
                self.tables.remove(&name).ok_or(MISSING)?;
                json!({})
            }
            "UpdateTable" => {
                *self.tables.get_mut(&name).ok_or(MISSING)? = input["TableInput"].clone();
                json!({})
            }
            "GetTableVersions" => json!({"TableVersions": []}),
            "GetPartitions" if detail.is_empty() => json!({"Partitions": []}),
            "GetPartitions" => json!({"Partitions": [{
                "Values": ["2024-01-01"], "StorageDescriptor": {"Location": "s3://lake/data/old/day"},
            }]}),
            _ => json!({}),
        })
    }

    /// A request to S3, for the one bucket there is.
    fn s3(&mut self, method: &str, path: &str, body: &str) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let key = path.trim_start_matches("/lake").trim_start_matches('/');
        match method {
            "PUT" => {
                self.log.push(format!("s3: put {key} {}", body.replace('\n', "⏎")));
                self.objects.push(key.to_owned());
                String::new()
            }
            "POST" => {
                let keys = Regex::new("<Key>([^<]+)</Key>").expect("a pattern");
                let gone: Vec<String> = keys
                    .captures_iter(body)
                    .filter_map(|found| Some(found.ok()?.get(1)?.as_str().to_owned()))
                    .collect();
                self.log.push(format!("s3: delete {}", gone.join(" ")));
                self.objects.retain(|key| !gone.contains(key));
                "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>".to_owned()
            }
            _ => {
                let prefix = query.split('&').find_map(|part| part.strip_prefix("prefix="));
                let prefix = prefix.unwrap_or_default().replace("%2F", "/");
                self.log.push(format!("s3: list {prefix}"));
                let contents: Vec<_> = self
                    .objects
                    .iter()
                    .filter(|key| key.starts_with(&prefix))
                    .map(|key| format!("<Contents><Key>{key}</Key></Contents>"))
                    .collect();
                format!(
                    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                     <IsTruncated>false</IsTruncated>{}</ListBucketResult>",
                    contents.concat()
                )
            }
        }
    }
}

/// Reads a request and answers it; nothing when the connection is to end.
fn serve(mut stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let (line, headers, body) = read(stream)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?, words.next()?);
    let target = headers.get("x-amz-target").and_then(|target| target.split_once('.'));
    let mut state = state.lock().expect("state");
    let (status, kind, answer) = match target {
        None => (200, "application/xml", state.s3(method, path, &body)),
        Some((service, operation)) => {
            let input = serde_json::from_str(&body).expect("JSON");
            let done = if service == "AWSGlue" {
                state.glue(operation, &input)
            } else {
                state.athena(operation, &input)
            };
            let (status, answer) = match done {
                Ok(answer) => (200, answer),
                Err(name) => (400, json!({"__type": name, "Message": "no"})),
            };
            (status, "application/x-amz-json-1.1", answer.to_string())
        }
    };
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{answer}"
    )
    .ok()
}

fn read(stream: &TcpStream) -> Option<(String, BTreeMap<String, String>, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((line, headers, String::from_utf8_lossy(&body).into_owned()))
}
