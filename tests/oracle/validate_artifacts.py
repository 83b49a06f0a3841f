"""Checks artifacts against the JSON schemas of dbt, which its own classes give.

usage: validate_artifacts.py ARTIFACT.json...    (the file's name says which schema)
"""

import json
import sys
from pathlib import Path

import jsonschema
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact

SCHEMAS = {
    "manifest": WritableManifest,
    "catalog": CatalogArtifact,
    "run_results": RunResultsArtifact,
    "sources": FreshnessExecutionResultArtifact,
}
MOST_SHOWN = 20


def deepest(error):
    """The most telling of the errors under one: with many alternatives, the one that got furthest."""
    return jsonschema.exceptions.best_match([error]) or error


def main(paths):
    is_well = True
    for path in map(Path, paths):
        schema = SCHEMAS[path.stem].json_schema()
        artifact = json.loads(path.read_text())
        errors = list(jsonschema.Draft202012Validator(schema).iter_errors(artifact))
        expected = schema["$id"]
        found = artifact["metadata"]["dbt_schema_version"]
        if found != expected:
            is_well = False
            print(f"{path}: the schema is {found}, not {expected}")
        for error in errors[:MOST_SHOWN]:
            is_well = False
            error = deepest(error)
            print(f"{path}: {error.json_path}: {error.message[:300]}")
        if len(errors) > MOST_SHOWN:
            print(f"{path}: and {len(errors) - MOST_SHOWN} more")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
