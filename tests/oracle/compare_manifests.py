"""Compares what two manifests say of a project: the nodes, how they hang together and their configurations.

usage: compare_manifests.py EXPECTED.json FOUND.json
"""

import json
import sys
from pathlib import Path

NODE_FIELDS = [
    "resource_type", "name", "alias", "database", "schema", "relation_name", "package_name", "path",
    "original_file_path", "unique_id", "fqn", "description", "tags", "meta", "language", "raw_code",
    "checksum", "access", "group", "contract", "constraints", "docs", "deprecation_date", "version",
    "column_name", "file_key_name", "attached_node", "test_metadata", "identifier", "source_name",
    "loaded_at_field", "freshness", "quoting", "type", "owner", "maturity", "url", "label",
    "unrendered_config", "external", "latest_version", "primary_key", "versions", "overrides", "given", "expect",
]  # fmt: skip
# The order of what a node depends on is the order in which templates ask; as a set it is a promise.
SET_FIELDS = ["refs", "sources", "metrics"]
SECTIONS = ["nodes", "sources", "exposures", "groups", "unit_tests"]


def as_set(value):
    return {json.dumps(each, sort_keys=True) for each in value or []}


def once(field, value):
    """dbt counts the tags that a property file gives to a seed twice, in what was written before rendering."""
    if field == "unrendered_config" and isinstance(value, dict) and isinstance(value.get("tags"), list):
        return value | {"tags": list(dict.fromkeys(value["tags"]))}
    return value


def differences(label, expected, found):
    for field in NODE_FIELDS:
        if field in expected and once(field, expected[field]) != once(field, found.get(field)):
            yield f"{label}.{field}: {expected[field]!r} and {found.get(field)!r}"
    for field in SET_FIELDS:
        if field in expected and as_set(expected[field]) != as_set(found.get(field)):
            yield f"{label}.{field}: {expected[field]!r} and {found.get(field)!r}"
    depends = expected.get("depends_on", {}).get("nodes", [])
    if sorted(depends) != sorted(found.get("depends_on", {}).get("nodes", [])):
        yield f"{label}.depends_on.nodes: {depends} and {found.get('depends_on')}"
    configured = expected.get("config", {})
    for key, value in configured.items():
        if key not in found.get("config", {}) or found["config"][key] != value:
            yield f"{label}.config.{key}: {value!r} and {found.get('config', {}).get(key)!r}"
    for name, column in expected.get("columns", {}).items():
        other = found.get("columns", {}).get(name)
        if other is None:
            yield f"{label}.columns.{name} is missing"
            continue
        for field in ("name", "description", "data_type", "tags", "meta", "constraints", "quote"):
            if column.get(field) != other.get(field):
                yield f"{label}.columns.{name}.{field}: {column.get(field)!r} and {other.get(field)!r}"


def main(expected_path, found_path):
    expected, found = (json.loads(Path(path).read_text()) for path in (expected_path, found_path))
    lines, compared = [], 0
    for section in SECTIONS:
        own, others = expected[section], found[section]
        lines += [f"{section}: {key} is missing" for key in own.keys() - others.keys()]
        lines += [f"{section}: {key} is too much" for key in others.keys() - own.keys()]
        for key in sorted(own.keys() & others.keys()):
            compared += 1
            lines += differences(key, own[key], others[key])
    project = expected["metadata"]["project_name"]
    own_macros = lambda manifest: {
        key for key, macro in manifest["macros"].items() if macro["package_name"] == project
    }
    lines += [f"macros: {key} differs" for key in own_macros(expected) ^ own_macros(found)]
    for field in ("parent_map", "child_map"):
        for key, others in expected[field].items():
            if sorted(others) != sorted(found[field].get(key) or []):
                lines.append(f"{field}.{key}: {sorted(others)} and {sorted(found[field].get(key) or [])}")
    print("\n".join(sorted(lines)[:60]) or f"{compared} resources are the same")
    if len(lines) > 60:
        print(f"and {len(lines) - 60} more")
    return 1 if lines or not compared else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
