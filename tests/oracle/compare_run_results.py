"""Compares what two run results say of each node: how it ended and with how many failures.

usage: compare_run_results.py EXPECTED.json FOUND.json
"""

import json
import sys
from pathlib import Path


def results(path):
    """What each node came to. The message of a warehouse is its own, so only its presence is compared."""
    return {
        result["unique_id"]: {
            "status": result["status"],
            "failures": result["failures"],
            "relation_name": result["relation_name"],
            "is_compiled": bool(result["compiled"]),
        }
        for result in json.loads(Path(path).read_text())["results"]
    }


def main(expected_path, found_path):
    expected, found = results(expected_path), results(found_path)
    lines = [
        f"{key}: {expected.get(key)} and {found.get(key)}"
        for key in sorted(expected.keys() | found.keys())
        if expected.get(key) != found.get(key)
    ]
    print("\n".join(lines) or f"{len(expected)} results are the same")
    return 1 if lines or not expected else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
