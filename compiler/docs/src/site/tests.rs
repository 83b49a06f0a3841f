//! The whole site of a small project.

use super::*;
use crate::artifacts::catalog::Catalog;
use crate::artifacts::manifest::Manifest;
use crate::artifacts::run_results::RunResults;
use crate::artifacts::sources::FreshnessResults;

fn bakery() -> Site {
    let manifest: Manifest<'_> =
        serde_json::from_str(include_str!("../../fixtures/manifest.json")).unwrap();
    let catalog: Catalog<'_> =
        serde_json::from_str(include_str!("../../fixtures/catalog.json")).unwrap();
    let run: RunResults<'_> =
        serde_json::from_str(include_str!("../../fixtures/run_results.json")).unwrap();
    let sources: FreshnessResults<'_> =
        serde_json::from_str(include_str!("../../fixtures/sources.json")).unwrap();
    render(&SiteInput {
        catalog: Some(&catalog),
        run_results: Some(&run),
        freshness: Some(&sources),
        ..SiteInput::new(&manifest)
    })
}

fn text<'s>(site: &'s Site, path: &str) -> &'s str {
    let file =
        site.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(&file.bytes).unwrap()
}

/// The addresses of all links and loads of a page.
fn addresses(html: &str) -> impl Iterator<Item = &str> {
    html.split(" href=\"")
        .skip(1)
        .chain(html.split(" src=\"").skip(1))
        .filter_map(|rest| rest.split('"').next())
}

#[test]
fn there_is_a_page_for_everything() {
    let site = bakery();
    let paths: Vec<&str> = site.files.iter().map(|file| file.path.as_str()).collect();
    insta::assert_snapshot!(paths.join("\n"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(bakery(), bakery());
}

#[test]
fn every_link_leads_to_a_file_of_the_site() {
    let site = bakery();
    for file in site.files.iter().filter(|file| !file.path.starts_with("assets/")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for address in addresses(std::str::from_utf8(&file.bytes).unwrap()) {
            let target = address.split('#').next().unwrap_or_default();
            if target.is_empty() || target.starts_with("https://example.com/") {
                continue;
            }
            let target = match target.strip_prefix("../") {
                Some(rest) => rest.to_owned(),
                None if folder.is_empty() => target.to_owned(),
                None => format!("{folder}/{target}"),
            };
            assert!(site.files.iter().any(|file| file.path == target), "{}: {address}", file.path);
        }
    }
}

#[test]
fn a_page_loads_nothing_from_elsewhere_and_runs_no_script_of_the_author() {
    let site = bakery();
    let page = text(&site, "model/stg_ovens.html");
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script>alert")
    );
    assert!(page.contains("Content-Security-Policy"));
    for asset in ["assets/site.js", "assets/site.css"] {
        assert!(!text(&site, asset).contains("http"), "{asset}");
    }
    assert!(text(&site, "assets/site.js").len() < 15_000);
}

#[test]
fn the_search_index_knows_names_columns_and_tags() {
    let site = bakery();
    insta::assert_snapshot!(text(&site, "assets/search-0.js"));
}

#[test]
fn a_model_page_shows_what_is_known() {
    let site = bakery();
    let page = text(&site, "model/oven_ages.v2.html");
    for part in [
        "oven_ages v2",
        "table",
        "public",
        "contract",
        "The bakers",
        "In days.",
        "(latest)",
        "unique",
        "../model/stg_ovens.html",
    ] {
        assert!(page.contains(part), "{part}");
    }
}
