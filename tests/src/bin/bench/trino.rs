//! What the Trino adapter takes for a statement beside a client that only speaks the protocol.

use std::time::{Duration, Instant};

use adapter_interface::{AdapterFactory, Connection, ProfileFields, RowLimit};
use adapter_trino::TrinoFactory;
use serde_json::{Value, json};

use crate::Failure;

const STATEMENTS: u32 = 50;
const ROUNDS: usize = 6;
const SQL: &str = "select 1";

/// Both in turns; the best round of each counts.
pub(crate) fn table(url: &str) -> Result<String, Failure> {
    let url = url.trim_start_matches("http://");
    let (mut own, mut bare) = (Duration::MAX, Duration::MAX);
    let mut connection = connect(url)?;
    let agent = ureq::Agent::new_with_defaults();
    // The first round warms both up.
    for round in 0..=ROUNDS {
        let start = Instant::now();
        for _ in 0..STATEMENTS {
            ask(&agent, url)?;
        }
        let asked = start.elapsed();
        let start = Instant::now();
        for _ in 0..STATEMENTS {
            let outcome = connection.execute(SQL, RowLimit::All);
            outcome.map_err(|error| format!("{error:?}"))?;
        }
        let executed = start.elapsed();
        if round > 0 {
            (own, bare) = (own.min(executed), bare.min(asked));
        }
    }
    let each = |time: Duration| time.as_secs_f64() * 1000.0 / f64::from(STATEMENTS);
    Ok(format!(
        "| what | time of a statement |\n|---|---:|\n| `{SQL}` by the adapter | {:.2} ms |\n\
         | `{SQL}` by a client that only asks for the pages | {:.2} ms |\n",
        each(own),
        each(bare)
    ))
}

fn connect(url: &str) -> Result<Box<dyn Connection>, Failure> {
    let (host, port) = url.rsplit_once(':').ok_or("the address has no port")?;
    let port: u16 = port.parse()?;
    let fields: ProfileFields = [
        ("host", json!(host)),
        ("port", json!(port)),
        ("user", json!("bench")),
        ("database", json!("tpch")),
        ("schema", json!("tiny")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let credentials = TrinoFactory.read_profile(&fields).map_err(|error| error.message)?;
    let warehouse = TrinoFactory.open(&credentials).map_err(|error| format!("{error:?}"))?;
    Ok(warehouse.connect("bench").map_err(|error| format!("{error:?}"))?)
}

/// Posts a statement and asks for its pages, one after the other, without a look at them.
fn ask(agent: &ureq::Agent, url: &str) -> Result<(), Failure> {
    let statement =
        agent.post(format!("http://{url}/v1/statement")).header("X-Trino-User", "bench");
    let mut page: Value = serde_json::from_reader(statement.send(SQL)?.body_mut().as_reader())?;
    while let Some(next) = page["nextUri"].as_str() {
        page = serde_json::from_reader(agent.get(next).call()?.body_mut().as_reader())?;
    }
    Ok(())
}
