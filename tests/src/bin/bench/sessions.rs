//! What the handling of sessions costs where nothing asks for it.

use quern_tests::generator::{GeneratorOptions, generate};

use crate::measure::{HEAD, Measured, measure, row};
use crate::{Failure, Options};

const MODELS: usize = 5_000;

/// The same project parsed without a session, with `quern.yml`, and with a session time; taken in turns, so that all
/// see the same neighbours.
pub(crate) fn table(options: &Options) -> Result<String, Failure> {
    let models = MODELS.min(options.most_models);
    let (plain, with_file) = (tempfile::tempdir()?, tempfile::tempdir()?);
    for folder in [&plain, &with_file] {
        generate(folder.path(), &GeneratorOptions { models, ..GeneratorOptions::default() })?;
    }
    let settings = "session:\n  timezone: Europe/Berlin\n  vars: {time: session_time}\n";
    std::fs::write(with_file.path().join("quern.yml"), settings)?;
    let time = ["--quiet", "parse", "--session-time", "2024-04-01T00:00:00+02:00"];
    let cases = [
        ("without sessions", plain.path(), &time[..2]),
        ("with `quern.yml`", with_file.path(), &time[..2]),
        ("with `quern.yml` and a session time", with_file.path(), &time[..]),
    ];
    let mut best: [Option<Measured>; 3] = [None; 3];
    for _ in 0..options.repeats {
        for ((_, folder, arguments), best) in cases.iter().zip(&mut best) {
            let next = measure(&options.quern, arguments, folder)?;
            if best.is_none_or(|best| next.processor < best.processor) {
                *best = Some(next);
            }
        }
    }
    let mut text = HEAD.to_owned();
    for ((what, ..), best) in cases.iter().zip(best) {
        let best = best.ok_or("nothing was measured")?;
        text.push_str(&row(&format!("`quern parse`, {models} models, {what}"), best));
    }
    Ok(text)
}
