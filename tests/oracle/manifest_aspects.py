"""Compares two manifests by aspects, and counts for each aspect how many nodes are the same."""

import json
import re

SECTIONS = [
    "nodes", "sources", "exposures", "groups", "unit_tests", "metrics", "semantic_models", "saved_queries", "functions",
]  # fmt: skip
ASPECTS = ["ids", "depends", "configs", "relations", "fields", "macros", "sql"]
RELATION_FIELDS = ["database", "schema", "alias", "relation_name", "identifier"]
FIELDS = [
    "resource_type", "name", "package_name", "path", "original_file_path", "fqn", "description", "tags", "meta",
    "language", "raw_code", "checksum", "access", "group", "contract", "constraints", "docs", "deprecation_date",
    "version", "latest_version", "column_name", "file_key_name", "attached_node", "test_metadata", "source_name",
    "source_description", "source_meta", "loader", "loaded_at_field", "freshness", "quoting", "external", "type",
    "unrendered_config", "owner", "maturity", "url", "label", "patch_path", "primary_key", "time_spine",
    "given", "expect", "model", "overrides",
]  # fmt: skip
BUILT_IN_PACKAGES = ["dbt", "dbt_duckdb", "dbt_postgres", "dbt_bigquery", "dbt_trino"]
SET_FIELDS = ["refs", "sources", "metrics"]
COLUMN_FIELDS = [
    "name", "description", "data_type", "tags", "meta", "constraints", "quote", "config", "policy_tags",
]  # fmt: skip


def as_set(values):
    return {json.dumps(value, sort_keys=True) for value in values or []}


def words(sql):
    """The text without comments, with one space between words and none around signs."""
    without_comments = re.sub(r"--[^\n]*", "", sql or "")
    return re.sub(r" ?([^\w\s]) ?", r"\1", " ".join(without_comments.split()))


def short(value):
    text = json.dumps(value, sort_keys=True)
    return text if len(text) < 300 else text[:300] + "…"


def resources(manifest):
    found = {key: node for section in SECTIONS for key, node in (manifest.get(section) or {}).items()}
    for key, nodes in (manifest.get("disabled") or {}).items():
        # Several files may have one id while they are disabled; their order is the file system's.
        found[f"disabled {key}"] = min(nodes, key=lambda node: node["original_file_path"])
    return found


def depends(own, other):
    expected, found = (sorted((node.get("depends_on") or {}).get("nodes", [])) for node in (own, other))
    if expected != found:
        yield f"{only(expected, found)}"
    for field in SET_FIELDS:
        if as_set(own.get(field)) != as_set(other.get(field)):
            yield f"{field}: {short(own.get(field))} and {short(other.get(field))}"


def only(expected, found):
    return f"- {sorted(set(expected) - set(found))} + {sorted(set(found) - set(expected))}"


def configs(own, other):
    # dbt puts the configurations of models into those of groups.
    if "fqn" not in own:
        return
    expected, found = own.get("config") or {}, other.get("config") or {}
    for key in sorted(expected.keys() | found.keys()):
        if key not in found or key not in expected or expected[key] != found[key]:
            yield f"{key}: {told(expected, key)} and {told(found, key)}"


def told(values, key):
    return short(values[key]) if key in values else "nothing"


def relations(own, other):
    yield from unequal(RELATION_FIELDS, own, other)


def fields(own, other):
    yield from unequal(FIELDS, own, other)
    columns, others = own.get("columns") or {}, other.get("columns") or {}
    if isinstance(columns, dict):
        if columns.keys() != others.keys():
            yield f"columns: {only(columns, others)}"
        for name in columns.keys() & others.keys():
            for difference in unequal(COLUMN_FIELDS, columns[name], others[name]):
                yield f"columns.{name}.{difference}"


def unequal(names, own, other):
    for field in names:
        # The checksum of a unit test is one of the text that Python prints for it.
        if field == "checksum" and isinstance(own.get(field), str):
            continue
        if field in own and own[field] != other.get(field):
            yield f"{field}: {short(own[field])} and {short(other.get(field))}"


def macros(own, other):
    """Of the macros of the project and its packages; those built in call each other in their own ways."""
    expected, found = (
        [key for key in (node.get("depends_on") or {}).get("macros", []) if not is_built_in(key)] for node in (own, other)
    )
    if sorted(expected) != sorted(found):
        yield only(expected, found)


def is_built_in(macro):
    # The macro of a test that does not exist is an empty name.
    return macro.split(".")[1:2] in ([], *([package] for package in BUILT_IN_PACKAGES))


# While nodes run, dbt adds the macros that arguments of tests call; only parsing is comparable.
COMPARISONS = {"depends": depends, "configs": configs, "relations": relations, "fields": fields, "macros": macros}


def compiled(results):
    return {
        result["unique_id"]: result.get("compiled_code") for result in (results or {}).get("results", [])
    }


def compare(expected, found, results, *, has_run):
    """The counts by aspect and the differences."""
    own, others = resources(expected), resources(found)
    shared = sorted(own.keys() & others.keys())
    lines = [f"ids: {key} is missing" for key in sorted(own.keys() - others.keys())]
    lines += [f"ids: {key} is too much" for key in sorted(others.keys() - own.keys())]
    counts = {"nodes": len(own), "ids": f"{len(shared)}/{len(own)}"}
    for aspect, comparison in COMPARISONS.items():
        if has_run and aspect == "macros":
            continue
        same = 0
        for key in shared:
            differences = list(comparison(own[key], others[key]))
            same += not differences
            lines += [f"{aspect}: {key}: {difference}" for difference in differences]
        counts[aspect] = f"{same}/{len(shared)}"
    project = expected["metadata"].get("project_name")
    own_macros, other_macros = ({key for key in each["macros"] if not is_built_in(key)} for each in (expected, found))
    lines += [f"macros: {key} is missing" for key in sorted(own_macros - other_macros)]
    lines += [f"macros: {key} of {project} is too much" for key in sorted(other_macros - own_macros)]
    sql, other_sql = (compiled(each) for each in results)
    both = [key for key in sorted(sql.keys() & other_sql.keys()) if sql[key] is not None]
    same = [key for key in both if words(sql[key]) == words(other_sql[key])]
    if both:
        counts["sql"] = f"{len(same)}/{len(both)}"
    for key in sorted(set(both) - set(same)):
        left, right = words(sql[key]), words(other_sql[key])
        start = max(next((i for i, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right))) - 60, 0)
        lines.append(f"sql: {key}:\n    {left[start : start + 260]}\n    {right[start : start + 260]}")
    return counts, lines
