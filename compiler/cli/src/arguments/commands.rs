//! Every command, with what help says of it.

/// A command of the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandSpec {
    /// The name; two words for a command of a group.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What it does, in a phrase.
    pub about: &'static str,
    /// Lines to learn from: a command and what it does.
    pub examples: &'static [(&'static str, &'static str)],
    /// The name of its positional argument, and what help says of it.
    pub positional: Option<(&'static str, &'static str)>,
}

const fn command(
    name: &'static str,
    about: &'static str,
    examples: &'static [(&'static str, &'static str)],
) -> CommandSpec {
    CommandSpec { name, aliases: &[], about, examples, positional: None }
}

/// All commands, in the order in which help shows them.
pub(crate) const COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        positional: Some((
            "project_name",
            "The name of the project, and of its folder: letters, digits and underscores",
        )),
        ..command(
            "init",
            "Make a new project that runs at once",
            &[("quern init shop", "a project in the folder `shop`, on DuckDB")],
        )
    },
    command(
        "debug",
        "Check the project file, the profile and the connection",
        &[
            ("quern debug", "checks everything"),
            ("quern debug --connection", "checks the connection alone"),
        ],
    ),
    command(
        "build",
        "Load seeds, build models and snapshots and test them, in the order of the graph",
        &[
            ("quern build", "everything"),
            ("quern build -s +orders", "`orders` and all it needs"),
            (
                "quern build -s staging tag:daily --exclude config.materialized:view",
                "a choice of nodes",
            ),
        ],
    ),
    command(
        "run",
        "Build models",
        &[
            ("quern run", "all models"),
            ("quern run -s orders+", "`orders` and all that depends on it"),
            ("quern run -f -s sessions", "`sessions`, from nothing"),
            ("quern run --vars '{session_time: 2024-01-01}'", "with a variable"),
        ],
    ),
    command(
        "test",
        "Run data tests and unit tests",
        &[
            ("quern test", "all tests"),
            (
                "quern test -s orders --store-failures",
                "the tests of `orders`; rows that break them are kept",
            ),
        ],
    ),
    command(
        "seed",
        "Load seeds",
        &[
            ("quern seed", "all seeds"),
            ("quern seed -s countries --show", "one, with a look at it"),
        ],
    ),
    command("snapshot", "Take snapshots", &[("quern snapshot", "all snapshots")]),
    command(
        "compile",
        "Render models and tests to SQL in target/compiled, and print what was asked for",
        &[
            ("quern compile", "everything, to files"),
            ("quern compile -s orders", "one model, printed too"),
            ("quern compile --inline \"select * from {{ ref('orders') }}\"", "a query"),
        ],
    ),
    command(
        "show",
        "Print the first rows of a model or a query",
        &[
            ("quern show -s orders", "the first five rows"),
            ("quern show --limit 20 --inline \"select * from {{ ref('orders') }}\"", "of a query"),
            ("quern show -q --output json -s orders", "for programs"),
        ],
    ),
    CommandSpec {
        aliases: &["ls"],
        ..command(
            "list",
            "List nodes",
            &[
                ("quern ls -s tag:daily", "which nodes a selection means"),
                (
                    "quern ls --resource-type model --output json --output-keys name config.materialized",
                    "for programs",
                ),
            ],
        )
    },
    command(
        "parse",
        "Read the project, check it and write manifest.json",
        &[("quern parse", "checks the project without a warehouse")],
    ),
    command(
        "docs generate",
        "Write the documentation site, manifest.json and catalog.json",
        &[
            ("quern docs generate", "the site, in target/site"),
            ("quern docs generate --empty-catalog", "without asking the warehouse"),
        ],
    ),
    command(
        "docs serve",
        "Serve the documentation site",
        &[("quern docs serve --port 8000", "at http://127.0.0.1:8000")],
    ),
    CommandSpec {
        positional: Some((
            "macro",
            "The macro, with its package in front where need be: `package.name`",
        )),
        ..command(
            "run-operation",
            "Run a macro, or SQL with Jinja",
            &[
                (
                    "quern run-operation grant_select --args '{role: reporter}'",
                    "a macro with an argument",
                ),
                (
                    "quern run-operation --sql \"drop table if exists {{ target.schema }}.old\"",
                    "SQL",
                ),
            ],
        )
    },
    command(
        "clean",
        "Delete the folders that `clean-targets` names",
        &[("quern clean", "target, by default")],
    ),
    command(
        "retry",
        "Run again what failed in the last command",
        &[("quern retry", "the nodes that failed or were skipped")],
    ),
    command(
        "clone",
        "Put here what another environment has built, without computing it",
        &[("quern clone --state prod-artifacts", "all of what the manifest.json there tells of")],
    ),
    command(
        "backfill",
        "Build the windows of a range of time, many sessions in one run",
        &[
            ("quern backfill --from 2023-11-01 --to 2023-12-01", "November, all models"),
            ("quern backfill --from 2023-11-01 --to 2023-12-01 --plan", "what that would build"),
            (
                "quern backfill --from 2023-11-01 --to 2023-12-01 --missing-only -s +orders",
                "what the ledger does not have of `orders` and all it needs",
            ),
            (
                "quern backfill --from 2023-01-01 --to 2024-01-01 --grain month",
                "daily windows a month at a time",
            ),
        ],
    ),
    command(
        "ledger",
        "Show which windows of each model are built, as a calendar",
        &[
            ("quern ledger", "all models that are built in windows"),
            ("quern ledger -s orders --from 2023-11-01 --to 2023-12-01", "a month of one"),
            ("quern ledger --output json", "for programs"),
            (
                "quern ledger --from 2023-11-01 --to 2023-12-01 --fail-on-gaps",
                "exit code 1 where windows are missing",
            ),
        ],
    ),
    command(
        "verify",
        "Build the window of a model twice, under other clocks and threads, and compare the rows",
        &[(
            "quern verify --session-time 2023-12-01T00:00:00+09:00 -s orders",
            "whether a retry of that session would give the same rows",
        )],
    ),
    command(
        "deps",
        "Install packages from the hub, git repositories, archives and folders",
        &[("quern deps", "what packages.yml names, into dbt_packages")],
    ),
    CommandSpec {
        aliases: &["snapshot-freshness"],
        ..command(
            "source freshness",
            "Check how fresh sources are",
            &[
                ("quern source freshness", "all sources that have `freshness`"),
                ("quern source freshness -s source:raw", "those of one source"),
            ],
        )
    },
    CommandSpec {
        positional: Some(("code", "A code such as Q403; without one, all are listed")),
        ..command(
            "explain",
            "Explain the code of a message",
            &[("quern explain Q403", "what Q403 means")],
        )
    },
    CommandSpec {
        positional: Some(("shell", "The shell")),
        ..command(
            "completions",
            "Print completions for a shell: bash, elvish, fish, powershell or zsh",
            &[(
                "quern completions bash > ~/.local/share/bash-completion/completions/quern",
                "for bash",
            )],
        )
    },
];

/// A command by its name.
pub(crate) fn find(name: &str) -> Option<&'static CommandSpec> {
    COMMANDS.iter().find(|command| command.name == name)
}
