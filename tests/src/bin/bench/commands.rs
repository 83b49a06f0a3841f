//! Commands that need no warehouse, on projects of several sizes.

use quern_tests::generator::{GeneratorOptions, generate};

use crate::measure::{HEAD, best_of, measure, row};
use crate::{Failure, Options};

const SIZES: [usize; 3] = [1_000, 5_000, 10_000];

/// The table of `parse` and `compile`.
pub(crate) fn table(options: &Options) -> Result<String, Failure> {
    let mut text = HEAD.to_owned();
    for models in SIZES.into_iter().filter(|models| *models <= options.most_models) {
        let folder = tempfile::tempdir()?;
        generate(folder.path(), &GeneratorOptions { models, ..GeneratorOptions::default() })?;
        for command in ["parse", "compile"] {
            let best = best_of(options.repeats, || {
                measure(&options.quern, &["--quiet", command], folder.path())
            })?;
            text.push_str(&row(&format!("`quern {command}`, {models} models"), best));
        }
    }
    Ok(text)
}
