//! `--dry-run` and `--max-bytes`: what nodes would read, told before anything runs.

use run::{CancelFlag, NodeEstimate, RunRequest, estimate};
use serde_json::json;
use source::{Diagnostic, codes};

use crate::invocation::{Failure, Invocation};
use crate::stages::Prepared;
use crate::ui::event::{Level, LogEvent};
use crate::ui::lines::plural;

/// What is done after the bytes were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The nodes are worked on.
    GoOn,
    /// Nothing more was wanted.
    Stop,
}

/// Tells the bytes where that is wanted; an error when they are more than the budget.
pub(crate) fn tell(
    invocation: &Invocation,
    prepared: &Prepared,
    request: &RunRequest,
    cancel: &CancelFlag,
) -> Result<Verdict, Failure> {
    let settings = &invocation.settings;
    let budget = settings.text("max-bytes").map(budget).transpose()?;
    let is_dry = settings.is_on("dry-run");
    if !is_dry && budget.is_none() {
        return Ok(Verdict::GoOn);
    }
    if !prepared.engine.dialect().capabilities().estimates_bytes {
        let option = if is_dry { "--dry-run" } else { "--max-bytes" };
        let adapter = prepared.engine.adapter_type();
        return Err(Diagnostic::error(
            codes::NOT_SUPPORTED,
            format!("`{option}` cannot be used with {adapter}, which does not tell the bytes of a query that does not run"),
        )
        .hint("`quern compile` checks templates, and `--empty` the SQL, without reading data")
        .into());
    }
    let estimates = estimate(request, cancel)?;
    let known: Vec<u64> =
        estimates.iter().filter_map(|estimate| estimate.bytes.as_ref().ok().copied()).collect();
    let total: u64 = known.iter().sum();
    if is_dry || invocation.console.is_for_people() {
        say(invocation, prepared, &estimates, total);
    }
    if let Some(budget) = budget {
        warn_of_unknown(invocation, prepared, &estimates)?;
        if total > budget {
            return Err(over_budget(prepared, &estimates, total, budget).into());
        }
    }
    Ok(if is_dry { Verdict::Stop } else { Verdict::GoOn })
}

/// A line for each node, and one for all of them.
fn say(invocation: &Invocation, prepared: &Prepared, estimates: &[NodeEstimate], total: u64) {
    let name = |estimate: &NodeEstimate| prepared.graph.node(estimate.node).unique_id.clone();
    let width = estimates.iter().map(|estimate| name(estimate).len()).max().unwrap_or_default();
    let fire = |line: String, data: serde_json::Value| {
        let event = LogEvent::new(Level::Info, ("DryRun", "Q609"), line, data);
        invocation.console.fire(&event);
    };
    for estimate in estimates {
        let name = name(estimate);
        let (shown, bytes) = match &estimate.bytes {
            Ok(bytes) => (shown_bytes(*bytes), json!(bytes)),
            Err(reason) => {
                let first = reason.lines().next().unwrap_or_default();
                (format!("not known: {first}"), json!(null))
            }
        };
        fire(format!("{name:width$}  {shown}"), json!({"unique_id": &*name, "bytes": bytes}));
    }
    let unknown = estimates.iter().filter(|estimate| estimate.bytes.is_err()).count();
    let rest = match unknown {
        0 => String::new(),
        count => format!(", and what {} would read", plural(count, "node")),
    };
    let line = format!("Would read {}{rest}", shown_bytes(total));
    fire(line, json!({"bytes": total, "unknown": unknown}));
}

/// What is not built yet cannot be asked about: the budget then speaks of the rest.
fn warn_of_unknown(
    invocation: &Invocation,
    prepared: &Prepared,
    estimates: &[NodeEstimate],
) -> Result<(), Failure> {
    let unknown = estimates.iter().filter(|estimate| estimate.bytes.is_err());
    let names: Vec<String> =
        unknown.map(|estimate| prepared.graph.node(estimate.node).unique_id.to_string()).collect();
    let Some(first) = names.first() else { return Ok(()) };
    let warning = Diagnostic::warning(
        codes::BYTES_UNKNOWN,
        format!(
            "the bytes of {} are not known and not in the budget, for example those of `{first}`",
            plural(names.len(), "node")
        ),
    )
    .hint("nodes that read what is not built yet can be asked about once it is; `maximum_bytes_billed` in the profile limits each query");
    invocation.heed(vec![warning])
}

fn over_budget(
    prepared: &Prepared,
    estimates: &[NodeEstimate],
    total: u64,
    budget: u64,
) -> Diagnostic {
    let most = estimates.iter().max_by_key(|estimate| estimate.bytes.as_ref().ok().copied());
    let diagnostic = Diagnostic::error(
        codes::BUDGET_EXCEEDED,
        format!(
            "the nodes would read {}, which is more than the {} of `--max-bytes`; nothing was run",
            shown_bytes(total),
            shown_bytes(budget)
        ),
    )
    .hint("select fewer nodes, let them read less, or raise `--max-bytes`");
    match most {
        Some(NodeEstimate { node, bytes: Ok(bytes) }) => {
            let name = &prepared.graph.node(*node).unique_id;
            diagnostic.note(format!("most of it is for `{name}`: {}", shown_bytes(*bytes)))
        }
        _ => diagnostic,
    }
}

const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/// Bytes as people read them: `1.5 GiB`.
fn shown_bytes(bytes: u64) -> String {
    let mut number = bytes as f64;
    for unit in UNITS {
        if number < 1024.0 || unit == "PiB" {
            return if unit == "B" { format!("{bytes} B") } else { format!("{number:.1} {unit}") };
        }
        number /= 1024.0;
    }
    format!("{bytes} B")
}

/// A number of bytes as people write it: `1000`, `10GB` of a thousand to the third, `1.5 TiB` of 1024 to the fourth.
fn budget(text: &str) -> Result<u64, Diagnostic> {
    let text = text.trim();
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) =
        (text[..split].trim().replace('_', ""), text[split..].to_ascii_lowercase());
    let power = |letter: Option<char>| "kmgtp".find(letter?).map(|at| at as i32 + 1);
    let mut letters = unit.chars();
    let factor = match (unit.as_str(), power(letters.next()), letters.as_str()) {
        ("" | "b", _, _) => Some(1.0),
        (_, Some(power), "ib") => Some(1024_f64.powi(power)),
        (_, Some(power), "b" | "") => Some(1000_f64.powi(power)),
        _ => None,
    };
    let parsed = number.parse::<f64>().ok().filter(|number| *number >= 0.0);
    match (parsed, factor) {
        (Some(number), Some(factor)) => Ok((number * factor) as u64),
        _ => Err(Diagnostic::error(
            codes::USAGE,
            format!("`--max-bytes` is not a number of bytes but `{text}`"),
        )
        .hint("write a number, or one with a unit, such as `10GB` or `1.5TiB`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_written_with_units() {
        for (text, bytes) in [
            ("1000", Some(1000)),
            ("10GB", Some(10_000_000_000)),
            ("1.5 KiB", Some(1536)),
            ("2t", Some(2_000_000_000_000)),
            ("1_000 b", Some(1000)),
            ("-1", None),
            ("many", None),
            ("1XB", None),
        ] {
            assert_eq!(budget(text).ok(), bytes, "{text}");
        }
    }

    #[test]
    fn bytes_are_shown_in_the_unit_that_fits() {
        assert_eq!(shown_bytes(0), "0 B");
        assert_eq!(shown_bytes(1536), "1.5 KiB");
        assert_eq!(shown_bytes(3 << 40), "3.0 TiB");
    }
}
