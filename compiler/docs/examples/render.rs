//! Writes the site of a folder of artifacts: `cargo run -p quern-docs --example render -- TARGET_DIR OUT_DIR`.
#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "an example is its own shell")]

use std::error::Error;
use std::fs;
use std::path::Path;

use quern_docs::{SiteInput, render};
use serde::de::DeserializeOwned;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(target), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: render TARGET_DIR OUT_DIR".into());
    };
    let target = Path::new(&target);
    let manifest = read(&target.join("manifest.json"))?.ok_or("no manifest.json")?;
    let catalog = read(&target.join("catalog.json"))?;
    let run_results = read(&target.join("run_results.json"))?;
    let freshness = read(&target.join("sources.json"))?;
    let site = render(&SiteInput {
        catalog: catalog.as_ref(),
        run_results: run_results.as_ref(),
        freshness: freshness.as_ref(),
        ..SiteInput::new(&manifest)
    });
    let bytes: usize = site.files.iter().map(|file| file.bytes.len()).sum();
    for file in &site.files {
        let path = Path::new(&out).join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(path, &file.bytes)?;
    }
    eprintln!("{} files, {bytes} bytes", site.files.len());
    Ok(())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Box<dyn Error>> {
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&fs::read(path)?)?))
}
