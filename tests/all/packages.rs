//! `deps` against a hub of our own: which versions are taken, what is locked, what is refused.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::quern::Quern;

type Pages = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A hub on this machine; it serves until the tests end.
struct Hub {
    address: String,
    pages: Pages,
    packages: Value,
}

impl Hub {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        let pages = Pages::default();
        let served = pages.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let request = lines.next().unwrap_or_default();
                let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
                for line in lines {
                    if line.is_empty() {
                        break;
                    }
                }
                let page = served.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
                let status = if page.is_some() { "200 OK" } else { "404 Not Found" };
                let page = page.unwrap_or_default();
                let length = page.len();
                let _ = (&stream).write_all(
                    format!(
                        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                    )
                    .as_bytes(),
                );
                let _ = (&stream).write_all(&page);
            }
        });
        Self { address, pages, packages: json!({}) }
    }

    fn put(&self, path: &str, page: Vec<u8>) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), page);
    }

    /// Publishes a version of `acme/<name>`, which needs other packages.
    fn publish(&mut self, name: &str, version: &str, needs: &Value, dbt: &str) {
        let archive = format!("tar/{name}-{version}.tar.gz");
        let text = format!("name: {name}\nversion: {version}\n");
        self.put(&archive, archived(&format!("{name}-{version}/dbt_project.yml"), &text));
        let entry = &mut self.packages[format!("acme/{name}")];
        entry["name"] = json!(name);
        entry["versions"][version] = json!({
            "name": name, "packages": needs, "require_dbt_version": dbt,
            "downloads": {"tarball": format!("{}{archive}", self.address)},
        });
        let page = entry.to_string().into_bytes();
        self.put(&format!("api/v1/acme/{name}.json"), page);
        let names: Vec<&String> = self.packages.as_object().expect("packages").keys().collect();
        self.put("api/v1/index.json", json!(names).to_string().into_bytes());
    }

    /// A project whose packages come from here.
    fn project(&self, packages: &str) -> Quern {
        let mut quern = Quern::in_base_project();
        quern.set("DBT_PACKAGE_HUB_URL", &self.address);
        quern.write("packages.yml", packages);
        quern
    }
}

fn archived(path: &str, text: &str) -> Vec<u8> {
    let compression = flate2::Compression::fast();
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), compression));
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, path, text.as_bytes()).expect("memory");
    archive.into_inner().and_then(flate2::write::GzEncoder::finish).expect("memory")
}

fn read(quern: &Quern, path: &str) -> String {
    std::fs::read_to_string(quern.folder().join(path)).unwrap_or_default()
}

/// `tools` in several versions, and `shapes`, which needs it.
fn hub() -> Hub {
    let mut hub = Hub::start();
    for (version, dbt) in [
        ("0.9.0", ""),
        ("1.0.0", ">=1.0.0"),
        ("1.1.0", ">=1.0.0"),
        ("1.2.0", ">=9.0.0"),
        ("1.3.0-rc1", ""),
        ("2.0.0", ""),
    ] {
        let dbt = if dbt.is_empty() { ">=0.1.0" } else { dbt };
        hub.publish("tools", version, &json!([]), dbt);
    }
    let needs = json!([{"package": "acme/tools", "version": [">=1.0.0", "<2.0.0"]}]);
    hub.publish("shapes", "1.0.0", &needs, ">=1.0.0");
    hub
}

#[test]
fn the_latest_version_that_fits_is_installed_and_locked() {
    let hub = hub();
    let quern = hub.project("packages:\n  - package: acme/shapes\n    version: 1.0.0\n");
    quern.succeed(&["deps"]);
    assert!(read(&quern, "dbt_packages/tools/dbt_project.yml").contains("version: 1.1.0"));
    let lock = read(&quern, "package-lock.yml");
    let expected = "packages:\n  - name: shapes\n    package: acme/shapes\n    version: 1.0.0\n  - name: tools\n    \
                    package: acme/tools\n    version: 1.1.0\nsha1_hash: ";
    assert!(lock.starts_with(expected), "{lock}");
}

#[test]
fn a_lock_file_holds_until_an_upgrade() {
    let mut hub = hub();
    let quern = hub.project("packages:\n  - package: acme/tools\n    version: \">=1.0.0\"\n");
    quern.succeed(&["deps", "--lock"]);
    assert!(read(&quern, "package-lock.yml").contains("version: 2.0.0"));
    assert!(!quern.folder().join("dbt_packages").exists(), "`--lock` installs nothing");
    hub.publish("tools", "2.1.0", &json!([]), ">=1.0.0");
    let outcome = quern.succeed(&["deps"]);
    assert!(outcome.text.contains("Updated version available: 2.1.0"), "{}", outcome.text);
    assert!(read(&quern, "dbt_packages/tools/dbt_project.yml").contains("version: 2.0.0"));
    quern.succeed(&["deps", "--upgrade"]);
    assert!(read(&quern, "dbt_packages/tools/dbt_project.yml").contains("version: 2.1.0"));
    quern.write("packages.yml", "packages:\n  - package: acme/tools\n    version: 1.0.0\n");
    quern.succeed(&["deps"]);
    assert!(read(&quern, "dbt_packages/tools/dbt_project.yml").contains("version: 1.0.0"));
}

#[test]
fn candidates_are_installed_only_when_they_are_wanted() {
    let hub = hub();
    for (more, version) in [("", "1.1.0"), ("    install_prerelease: true\n", "1.3.0-rc1")] {
        let packages = format!(
            "packages:\n  - package: acme/tools\n    version: [\">=1.0.0\", \"<2.0.0\"]\n{more}"
        );
        let quern = hub.project(&packages);
        quern.succeed(&["deps"]);
        let project = read(&quern, "dbt_packages/tools/dbt_project.yml");
        assert!(project.contains(&format!("version: {version}\n")), "{project}");
    }
}

#[test]
fn a_package_is_added_to_the_list() {
    let hub = hub();
    let quern = hub.project("packages:\n  - package: acme/tools\n    version: 0.9.0\n");
    quern.succeed(&["deps", "--add-package", "acme/tools@>=1.0.0,<1.1.0"]);
    let list =
        "packages:\n  - package: acme/tools\n    version:\n      - '>=1.0.0'\n      - <1.1.0\n";
    assert_eq!(read(&quern, "packages.yml"), list);
    assert!(read(&quern, "dbt_packages/tools/dbt_project.yml").contains("version: 1.0.0"));
}

#[test]
fn what_cannot_be_installed_is_told() {
    let hub = hub();
    let broken = archived("one.txt", "no folder");
    hub.put("broken.tar.gz", broken);
    let tarball = format!("tarball: {}broken.tar.gz\n    name: broken", hub.address);
    for (package, code, words) in [
        ("package: acme/tool\n    version: 1.0.0", "Q132", "did you mean `acme/tools`?"),
        (
            "package: acme/tools\n    version: [\">=2.0.0\", \"<1.0.0\"]",
            "Q131",
            "could not find a satisfactory version",
        ),
        ("package: acme/tools\n    version: 3.0.0", "Q131", "there are 0.9.0, 1.0.0, 1.1.0, 2.0.0"),
        ("package: tools\n    version: 1.0.0", "Q130", "`namespace/name`"),
        (&tarball, "Q132", "must consist of one folder"),
        ("local: nowhere", "Q132", "cannot be read"),
    ] {
        let quern = hub.project(&format!("packages:\n  - {package}\n"));
        let outcome = quern.run(&["deps"]);
        assert!(!outcome.succeeded && outcome.text.contains(code), "{package}: {}", outcome.text);
        assert!(outcome.text.contains(words), "{package}: {}", outcome.text);
    }
    let quern = hub.project("packages:\n  - local: .\n");
    quern.write("dependencies.yml", "packages: []\n");
    let outcome = quern.run(&["deps"]);
    assert!(!outcome.succeeded && outcome.text.contains("stands in both"), "{}", outcome.text);
}

#[test]
fn projects_of_a_platform_and_empty_lists_are_passed_over() {
    let quern = hub().project("packages:\n");
    quern.write("dependencies.yml", "projects:\n  - name: other\n");
    let outcome = quern.succeed(&["deps"]);
    assert!(outcome.text.contains("No packages were found"), "{}", outcome.text);
    assert!(quern.folder().join("dbt_packages").is_dir());
    assert!(!quern.folder().join("package-lock.yml").exists());
}

/// A repository `tools` with a package: its main branch, and the branch `other` that has one macro more.
fn repository(quern: &Quern) {
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]);
        let ended = git.args(arguments).current_dir(quern.folder().join("tools")).status();
        assert!(ended.expect("git").success(), "{arguments:?}");
    };
    quern.write("tools/dbt_project.yml", "name: tools\nversion: 1.0.0\n");
    quern.write("tools/macros/one.sql", "{% macro say_one() %}{{ print('one') }}{% endmacro %}");
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "one"]);
    git(&["checkout", "--quiet", "-b", "other"]);
    quern.write("tools/macros/two.sql", "{% macro say_two() %}{{ print('two') }}{% endmacro %}");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "two"]);
    git(&["checkout", "--quiet", "main"]);
}

#[test]
fn a_branch_of_a_repository_is_installed_and_its_macros_run_by_their_names() {
    let quern = Quern::in_base_project();
    repository(&quern);
    let address = quern.folder().join("tools");
    let list = format!("packages:\n  - git: {}\n    revision: other\n", address.display());
    quern.write("packages.yml", &list);
    quern.succeed(&["deps"]);
    let outcome = quern.succeed(&["run-operation", "say_two"]);
    assert!(outcome.text.contains("two"), "{}", outcome.text);
}

#[test]
fn a_private_package_is_found_by_its_name_and_its_token_is_not_written() {
    let mut quern = Quern::in_base_project();
    repository(&quern);
    let address = "https://{token}@example.com/acme/{repo}";
    let known =
        json!([{"org": "acme", "url": address, "token": "secretive", "provider": "github"}]);
    quern.set("DBT_ENV_PRIVATE_GIT_PROVIDER_INFO", &known.to_string());
    let folder = format!("url.file://{}/.insteadOf", quern.folder().display());
    quern.set("GIT_CONFIG_COUNT", "1");
    quern.set("GIT_CONFIG_KEY_0", &folder);
    quern.set("GIT_CONFIG_VALUE_0", "https://secretive@example.com/acme/");
    quern.write("packages.yml", "packages:\n  - private: acme/tools\n    revision: other\n");
    let outcome = quern.succeed(&["deps"]);
    assert!(!outcome.text.contains("secretive"), "{}", outcome.text);
    let lock = read(&quern, "package-lock.yml");
    assert!(
        lock.contains("  - name: tools\n    private: acme/tools\n    revision: "),
        "{lock}{}",
        outcome.text
    );
    assert!(quern.folder().join("dbt_packages/tools/macros/two.sql").exists());
}

#[test]
fn packages_are_installed_before_variables_and_the_target_are_known() {
    let hub = hub();
    let quern = hub.project("packages:\n  - package: acme/tools\n    version: 2.0.0\n");
    let models = "  +schema: \"{{ target.schema }}_{{ var('suffix') }}\"\n  \
                  +enabled: \"{{ target.type in ('duckdb', 'postgres') }}\"\n";
    quern.write("dbt_project.yml", &format!("name: small\nversion: 1.0.0\nmodels:\n{models}"));
    quern.succeed(&["deps"]);
    assert!(read(&quern, "dbt_packages/tools/dbt_project.yml").contains("version: 2.0.0"));
}
