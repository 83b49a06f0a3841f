"""Compares the metrics, semantic models and saved queries of two manifests, key by key, and what depends on what.

usage: compare_semantics.py EXPECTED.json FOUND.json
"""

import json
import sys
from pathlib import Path

SECTIONS = ["metrics", "semantic_models", "saved_queries"]
# When it was parsed; and a type of dimensions that nothing can set.
IGNORED = {"created_at", "datatype"}


def differences(label, expected, found):
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted((expected.keys() | found.keys()) - IGNORED):
            if key not in found:
                yield f"{label}.{key} is missing: {expected[key]!r}"
            elif key not in expected:
                yield f"{label}.{key} is too much: {found[key]!r}"
            else:
                yield from differences(f"{label}.{key}", expected[key], found[key])
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found)):
            yield from differences(f"{label}[{number}]", one, other)
    elif expected != found:
        yield f"{label}: {expected!r} and {found!r}"


def main(expected_path, found_path):
    expected, found = (json.loads(Path(path).read_text()) for path in (expected_path, found_path))
    lines = []
    for section in SECTIONS:
        lines += differences(section, expected[section], found[section])
    for field in ("parent_map", "child_map"):
        for key, others in expected[field].items():
            if sorted(others) != sorted(found[field].get(key) or []):
                lines.append(f"{field}.{key}: {sorted(others)} and {found[field].get(key)}")
    for key, exposure in expected["exposures"].items():
        lines += differences(key, exposure["metrics"], found["exposures"][key]["metrics"])
    print("\n".join(lines) or "the same")
    return 1 if lines or not expected["metrics"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
