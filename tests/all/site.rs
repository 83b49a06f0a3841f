//! The documentation site in a real browser, from a folder and without a server.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::json;

use crate::browser::{Browser, Size};
use crate::example::{self, SECOND_SESSION};
use crate::parts;
use crate::pattern::{first_groups, regex};
use crate::quern::Quern;

const DESKTOP: Size = Size { width: 1280, height: 800 };
const PHONE: Size = Size { width: 360, height: 740 };

/// The example project with its site.
struct Documented {
    quern: Quern,
    site: PathBuf,
}

fn documented() -> Documented {
    let quern = example::copy();
    quern.succeed(&["seed"]);
    quern.succeed(&["build", "--vars", SECOND_SESSION]);
    quern.succeed(&["docs", "generate", "--vars", SECOND_SESSION]);
    let site = quern.folder().join("target/site");
    Documented { quern, site }
}

impl Documented {
    fn address(&self, page: &str) -> String {
        let place = self.site.join(page);
        assert!(place.exists(), "the site has no `{page}`");
        format!("file://{}", place.display())
    }

    fn open(&self) -> Option<Browser> {
        let browsers = parts::browsers()?;
        Some(Browser::open(&browsers, &self.quern.beside("browser")))
    }
}

/// Every page below a folder, relative to it.
fn pages(site: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the site can be read").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(pages(site, &path));
        } else if path.extension().is_some_and(|extension| extension == "html") {
            found.push(path.strip_prefix(site).expect("a page of the site").to_owned());
        }
    }
    found.sort();
    found
}

#[test]
fn pages_work_in_a_browser_without_complaints_and_without_other_hosts() {
    let site = documented();
    let Some(browser) = site.open() else { return };
    for size in [DESKTOP, PHONE] {
        browser.resize(size);
        for page in ["index.html", "lineage.html", "model/daily_kpis.html", "model/fct_orders.html"]
        {
            browser.visit(&site.address(page));
            browser.wait_for("document.querySelector('main h1')");
            let overflow = browser.evaluate(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
            );
            assert_eq!(overflow, json!(0), "{page} is wider than {size:?}");
        }
    }
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let foreign: Vec<_> = browser
        .requests()
        .into_iter()
        // What the browser does for itself begins with `chrome:`.
        .filter(|address| {
            !["file:", "data:", "about:", "chrome:"].iter().any(|own| address.starts_with(own))
        })
        .collect();
    assert!(foreign.is_empty(), "the site asks {foreign:?}");
}

#[test]
fn pages_tell_what_became_of_models_and_tests_when_they_were_last_built() {
    let site = documented();
    site.quern.succeed(&["test", "--select", "dim_subscribers", "--vars", SECOND_SESSION]);
    site.quern.succeed(&["docs", "generate", "--vars", SECOND_SESSION]);
    let page = std::fs::read_to_string(site.site.join("model/fct_orders.html")).expect("a page");
    assert!(page.contains("<dd>success</dd>"), "how the build ended is not on {page}");
    assert!(page.contains("<strong>pass</strong>"), "how a test ended is not on {page}");
    let first = std::fs::read_to_string(site.site.join("index.html")).expect("the first page");
    assert!(first.contains("Last run"), "{first}");
}

#[test]
fn search_finds_a_column_and_leads_to_its_model() {
    let site = documented();
    let Some(browser) = site.open() else { return };
    browser.resize(DESKTOP);
    browser.visit(&site.address("index.html"));
    browser.wait_for("document.querySelector('dialog.search')");
    browser.evaluate(
        "document.querySelector('.find').click(); \
         const input = document.querySelector('dialog.search input'); \
         input.value = 'newsletter_orders'; \
         input.dispatchEvent(new Event('input', {bubbles: true}));",
    );
    let found = "[...document.querySelectorAll('.found a, .found [role=option]')]";
    browser.wait_for(&format!("{found}.some(each => each.textContent.includes('daily_kpis'))"));
    browser.evaluate(&format!(
        "{found}.find(each => each.textContent.includes('daily_kpis')).click()"
    ));
    browser.wait_for("location.pathname.endsWith('/model/daily_kpis.html')");
    browser.wait_for("document.querySelector('main').textContent.includes('newsletter_orders')");
    assert!(browser.complaints().is_empty());
}

#[test]
fn the_graph_is_drawn_with_every_model_and_its_edges() {
    let site = documented();
    let Some(browser) = site.open() else { return };
    browser.resize(DESKTOP);
    browser.visit(&site.address("lineage.html"));
    browser.wait_for("document.querySelectorAll('svg.graph .box').length > 20");
    browser.wait_for("document.querySelectorAll('svg.graph .edges path').length > 20");
    let drawn = browser.evaluate("return document.querySelector('svg.graph').textContent");
    let drawn = drawn.as_str().unwrap_or_default();
    for model in ["stg_orders", "fct_orders", "daily_kpis", "newsletter_revenue"] {
        assert!(drawn.contains(model), "`{model}` is not drawn");
    }
    let box_size = browser
        .evaluate("return document.querySelector('svg.graph .box').getBoundingClientRect().width");
    assert!(box_size.as_f64().is_some_and(|width| width > 1.0), "boxes have a size: {box_size}");
    assert!(browser.complaints().is_empty());
}

#[test]
fn every_link_of_the_site_leads_to_a_file_of_the_site() {
    let site = documented();
    let address = r#"(?:href|src)="([^"]*)""#;
    let mut broken = Vec::new();
    let pages = pages(&site.site, &site.site);
    assert!(pages.len() > 30, "{} pages", pages.len());
    for page in &pages {
        let place = site.site.join(page);
        let text = std::fs::read_to_string(&place).expect("pages are UTF-8");
        for target in first_groups(address, &text) {
            let file = target.split(['#', '?']).next().unwrap_or_default();
            let is_outside = target.contains("://")
                || target.starts_with("mailto:")
                || target.starts_with("data:");
            let folder = place.parent().expect("a page stands in a folder");
            if !is_outside && !file.is_empty() && !folder.join(file).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links to nowhere:\n{}", broken.join("\n"));
}

#[test]
fn pages_that_say_the_same_stay_and_others_go() {
    let site = documented();
    let written = || -> Vec<(PathBuf, SystemTime)> {
        let pages = pages(&site.site, &site.site).into_iter();
        let time = |page: &PathBuf| site.site.join(page).metadata().and_then(|it| it.modified());
        pages.map(|page| (page.clone(), time(&page).expect("a time"))).collect()
    };
    let first = written();
    let gone = site.site.join("models/of_old/page.html");
    std::fs::create_dir_all(gone.parent().expect("a folder")).expect("a folder");
    std::fs::write(&gone, "a page of a model that is no more").expect("a page");
    site.quern.succeed(&["docs", "generate", "--vars", SECOND_SESSION]);
    let again = written();
    let changed: Vec<_> = again.iter().filter(|page| !first.contains(page)).collect();
    // The first page says when it was made, to the second.
    assert!(changed.iter().all(|page| page.0 == Path::new("index.html")), "{changed:?}");
    assert!(!gone.parent().expect("a folder").exists());
}

#[test]
fn the_site_is_the_same_whenever_it_is_made() {
    let site = documented();
    let read = || -> Vec<(PathBuf, String)> {
        pages(&site.site, &site.site)
            .into_iter()
            .map(|page| {
                let text = std::fs::read_to_string(site.site.join(&page)).expect("a page");
                // The first page says when.
                let text = regex(r"described [0-9: -]+ UTC").replace_all(&text, "").into_owned();
                (page, site.quern.normalise(&text))
            })
            .collect()
    };
    let first = read();
    site.quern.succeed(&["docs", "generate", "--vars", SECOND_SESSION]);
    for (before, after) in first.iter().zip(read()) {
        assert_eq!(before.0, after.0);
        assert!(before.1 == after.1, "{} differs", after.0.display());
    }
}
