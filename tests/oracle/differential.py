"""Runs dbt and quern on the same projects and compares what they say and what they build.

usage: differential.py --dbt DBT --quern QUERN [options] PROJECT...

A project is a folder with a `dbt_project.yml` and its packages in place; it needs no profile, since the command line
names one. Each program works in a copy, one after the other, in a database that was empty before. The table that is
printed has a line for each command in each project; the differences are above it.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import built_relations
import manifest_aspects

PROFILE = "differential"
# Projects for these warehouses can be parsed; nothing connects while that is done.
PARSED_TARGETS = {
    "bigquery": {"method": "oauth-secrets", "token": "none", "project": PROFILE, "dataset": "main"},
    "trino": {"method": "none", "host": "localhost", "port": 1, "user": "none", "database": PROFILE, "schema": "main"},
}
IGNORED = shutil.ignore_patterns("target", "logs", ".git", ".user.yml")
# The words with which an outcome is told in the table.
COLUMNS = [
    "project", "target", "command", "nodes", *manifest_aspects.ASPECTS, "statuses", "tables", "catalog", "seconds",
]  # fmt: skip
ARTIFACTS = ["manifest.json", "run_results.json", "catalog.json"]


def profiles(folder, options):
    """One profile for all projects: a DuckDB file in the target folder, a database of the PostgreSQL server, and
    warehouses that are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    outputs = {
        "duckdb": {"type": "duckdb", "path": "target/differential.duckdb", "schema": "main", "threads": 1},
        "postgres": {
            "type": "postgres", "host": options.postgres_host, "port": options.postgres_port,
            "user": options.postgres_user, "password": options.postgres_password, "dbname": PROFILE,
            "schema": "public", "threads": 1,
        },
    }  # fmt: skip
    for target in PARSED_TARGETS:
        outputs[target] = {"type": target, **PARSED_TARGETS[target], "threads": 1}
    text = json.dumps({PROFILE: {"target": "duckdb", "outputs": outputs}})
    (folder / "profiles.yml").write_text(text)
    return folder


def run(program, project, place, target, options):
    """Runs the program's commands one after the other in one copy of the project; what each left is in its folder."""
    shutil.rmtree(place, ignore_errors=True)
    copy = place / "project"
    shutil.copytree(project, copy, ignore=IGNORED, symlinks=True)
    (copy / "target").mkdir()
    if target == "postgres" and options.command != "parse":
        built_relations.empty_database(options, PROFILE)
    return [
        run_command(program, command, place / str(index), copy, target, options)
        for index, command in enumerate([options.command, *options.then])
    ]


def run_command(program, command, place, copy, target, options):
    place.mkdir()
    profile = profiles(place.parent.parent.parent / "profiles", options)
    flags = ["--profiles-dir", str(profile), "--profile", PROFILE, "--target", target]
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "0", "NO_COLOR": "1"}
    for name in ARTIFACTS:
        (copy / "target" / name).unlink(missing_ok=True)
    begin = time.monotonic()
    try:
        ended = subprocess.run(
            [program, *command.split(), *flags, *options.argument],
            cwd=copy, env=environment, capture_output=True, text=True, timeout=options.timeout,
        )  # fmt: skip
        code, text = ended.returncode, ended.stdout + ended.stderr
    except subprocess.TimeoutExpired as expired:
        code, text = -1, f"no end after {expired.timeout} seconds"
    seconds = time.monotonic() - begin
    (place / "output.txt").write_text(text)
    for name in ARTIFACTS:
        if (copy / "target" / name).exists():
            shutil.copy(copy / "target" / name, place / name)
    relations = {}
    if is_building(command):
        relations = built_relations.read(target, copy / "target" / "differential.duckdb", options, PROFILE)
    outcome = {"code": code, "seconds": round(seconds, 1), "relations": relations}
    (place / "outcome.json").write_text(json.dumps(outcome))
    return outcome


def is_building(command):
    return command.split()[0] in {"build", "run", "seed", "snapshot"}


def artifact(place, name):
    path = place / name
    return json.loads(path.read_text()) if path.exists() else None


def outcomes_of(program, project, place, target, options, *, is_kept):
    kept = [place / str(index) / "outcome.json" for index in range(1 + len(options.then))]
    if is_kept and all(outcome.exists() for outcome in kept):
        return [json.loads(outcome.read_text()) for outcome in kept]
    return run(program, project, place, target, options)


def compare_results(expected, found):
    """How many nodes ended alike, and how the others ended."""
    own, others = ({result["unique_id"]: result for result in each["results"]} for each in (expected, found))
    same, lines = 0, []
    for key in sorted(own.keys() | others.keys()):
        ended = [side[key]["status"] if key in side else "is not run" for side in (own, others)]
        failures = [side[key]["failures"] if key in side else None for side in (own, others)]
        if ended[0] == ended[1] and failures[0] == failures[1]:
            same += 1
            continue
        line = f"statuses: {key}: {ended[0]} ({failures[0]}) and {ended[1]} ({failures[1]})"
        lines += [line + "".join(f"\n    {message(side, key)}" for side in (own, others))]
    return f"{same}/{len(own)}", lines


def message(results, key):
    text = (results.get(key) or {}).get("message") or ""
    return " ".join(text.split())[:300]


def timeless(rows):
    """The rows in order, with one word for every moment of this day: the clock when they were made."""
    moment = time.strftime("%Y-%m-%d", time.gmtime()) + r"[ T]\d\d:\d\d:\d\d(\.\d+)?([+]00(:?00)?|Z)?"
    return sorted(re.sub(moment, "now", row) for row in rows)


def compare_relations(expected, found):
    same, lines = 0, []
    for name in sorted(expected.keys() | found.keys()):
        own, other = expected.get(name), found.get(name)
        if own is None or other is None:
            lines.append(f"tables: {name} is {'missing' if other is None else 'too much'}")
        elif own["columns"] != other["columns"]:
            lines.append(f"tables: {name}: columns {own['columns']} and {other['columns']}")
        elif timeless(own["rows"]) != timeless(other["rows"]):
            before, after = (Counter(timeless(each["rows"])) for each in (own, other))
            lost, new = before - after, after - before
            lines += [f"tables: {name}: - {row}" for row in sorted(lost)[:3]]
            lines += [f"tables: {name}: + {row}" for row in sorted(new)[:3]]
        else:
            same += 1
    return f"{same}/{len(expected)}", lines


def compare_catalogs(expected, found):
    """What is there of each relation, and what is said of its columns; statistics are the warehouse's."""
    same, lines = 0, []
    own, others = ({**each["nodes"], **each["sources"]} for each in (expected, found))
    for key in sorted(own.keys() | others.keys()):
        if key not in own or key not in others:
            lines.append(f"catalog: {key} is {'missing' if key in own else 'too much'}")
            continue
        differing = [part for part in ("metadata", "columns") if own[key][part] != others[key][part]]
        same += not differing
        for part in differing:
            told = [manifest_aspects.short(each[key][part]) for each in (own, others)]
            lines.append(f"catalog: {key}: {part}: {told[0]} and {told[1]}")
    return f"{same}/{len(own)}", lines


def last_words(place):
    lines = [line for line in (place / "output.txt").read_text().splitlines() if line.strip()]
    wanted = [line for line in lines if "error" in line.lower()]
    return "\n    ".join((wanted[:6] or lines)[-12:])[:1500]


def compare(project, target, options):
    """For each command a line of the table and the differences."""
    base = options.work / project.name / f"{target}-{options.command}"
    places = [base / "dbt", base / "quern"]
    programs = zip([options.dbt, options.quern], places, [options.keep, False])
    outcomes = [
        outcomes_of(program, project, place, target, options, is_kept=is_kept) for program, place, is_kept in programs
    ]
    for index, command in enumerate([options.command, *options.then]):
        own, other = ([place / str(index), told[index]] for place, told in zip(places, outcomes))
        row, lines = compare_command(command, own, other)
        if row.get("nodes") == "both fail" and command == "build":
            lines.append("neither of the two reads the project, so that nothing was compared")
        yield {"project": project.name, "target": target, "command": command, **row}, lines


def compare_command(command, *sides):
    (_, dbt), (_, quern) = sides
    places = {"dbt": sides[0][0], "quern": sides[1][0]}
    row = {"seconds": f"{dbt['seconds']}/{quern['seconds']}"}
    manifests, results, catalogs = ([artifact(place, name) for place in places.values()] for name in ARTIFACTS)
    lines = []
    if (dbt["code"] == 0) != (quern["code"] == 0):
        lines.append(f"exit codes: {dbt['code']} and {quern['code']}")
    if dbt["code"] != 0 and quern["code"] != 0 and manifests[0] is None:
        return row | {"nodes": "both fail"}, lines
    for name, place, manifest in zip(places, places.values(), manifests):
        if manifest is None:
            lines.append(f"{name} wrote no manifest:\n    {last_words(place)}")
    is_parsing = command.split()[0] == "parse"
    if None not in manifests:
        counts, found = manifest_aspects.compare(*manifests, results, has_run=not is_parsing)
        row |= counts
        lines += found
    if None not in results and not is_parsing:
        row["statuses"], found = compare_results(*results)
        lines += found
    if is_building(command):
        row["tables"], found = compare_relations(dbt["relations"], quern["relations"])
        lines += found
    if None not in catalogs:
        row["catalog"], found = compare_catalogs(*catalogs)
        lines += found
    elif catalogs != [None, None]:
        lines.append("catalog: one of the two wrote none")
    return row, lines


def table(rows):
    cells = [COLUMNS, *[[str(row.get(column, "")) for column in COLUMNS] for row in rows]]
    widths = [max(len(line[index]) for line in cells) for index in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dbt", required=True)
    parser.add_argument("--quern", required=True)
    parser.add_argument("--command", default="parse", choices=["parse", "compile", "seed", "build"])
    parser.add_argument("--then", action="append", default=[], help="a command that both run next in the same copy")
    parser.add_argument("--target", action="append", choices=["duckdb", "postgres", *PARSED_TARGETS])
    parser.add_argument("--work", type=Path, required=True, help="where the copies are made")
    parser.add_argument("--keep", action="store_true", help="take what dbt left there the last time")
    parser.add_argument("--timeout", type=int, default=1200)
    parser.add_argument("--shown", type=int, default=40, help="differences of a project that are printed")
    parser.add_argument("--argument", action="append", default=[], help="passed to both programs")
    parser.add_argument("--postgres-host", default="127.0.0.1")
    parser.add_argument("--postgres-port", type=int, default=5432)
    parser.add_argument("--postgres-user", default="postgres")
    parser.add_argument("--postgres-password", default="a password")
    parser.add_argument("project", type=Path, nargs="+")
    return parser.parse_args()


def main(options):
    rows, differing = [], 0
    options.work = options.work.resolve()
    if options.command != "parse" and PARSED_TARGETS.keys() & set(options.target or []):
        raise SystemExit(f"projects for {' and '.join(PARSED_TARGETS)} are only parsed")
    for project in options.project:
        for target in options.target or ["duckdb"]:
            report = []
            for row, lines in compare(project.resolve(), target, options):
                rows.append(row)
                differing += bool(lines)
                report += lines
                if lines:
                    print(f"\n{project.name} ({target}, {row['command']}): {len(lines)} differences")
                    print("\n".join(f"  {line}" for line in lines[: options.shown]), flush=True)
            (options.work / project.name / f"{target}-{options.command}.txt").write_text("\n".join(report))
    print("\n" + table(rows))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(arguments()))
