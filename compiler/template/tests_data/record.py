"""Records what Jinja2, set up as dbt sets it up, makes of every template in expressions.json.

Run it with the Python of an environment that has dbt-core:  python record.py
Each case is {"template", "context"?, "decimals"?, "native"?}; "expected" or "error" is written back. Where this program differs on
purpose, "ours" is its own answer (null for an error) and "differs" says why.
"""

import datetime
import decimal
import itertools
import json
import pathlib
import re

import pytz
from dbt.context.base import BaseContext
from dbt_common.clients.jinja import get_environment

FILE = pathlib.Path(__file__).with_name("expressions.json")


def functions():
    base = BaseContext({})
    names = ("set", "set_strict", "zip", "zip_strict", "fromjson", "tojson", "fromyaml", "toyaml", "local_md5", "diff_of_two_dicts")
    context = {name: base.to_dict()[name] for name in names}
    module = {name: getattr(datetime, name) for name in ("date", "time", "timedelta", "timezone")}
    context["modules"] = {
        "datetime": {**module, "datetime": datetime.datetime},
        "pytz": {name: getattr(pytz, name) for name in ("timezone", "utc")},
        "re": re,
        "itertools": {name: getattr(itertools, name) for name in itertools.__dict__ if not name.startswith("_")},
    }
    return context


def record(case):
    result = {key: case[key] for key in ("template", "context", "decimals", "native", "ours", "differs") if key in case}
    environment = get_environment(native=case.get("native", False))
    try:
        template = environment.from_string(case["template"])
        decimals = {name: decimal.Decimal(text) for name, text in case.get("decimals", {}).items()}
        rendered = template.render({**functions(), **json.loads(json.dumps(case.get("context", {}))), **decimals})
        result["expected"] = repr(rendered) if case.get("native") else rendered
    except Exception as error:  # every kind of failure is a result
        result["error"] = f"{type(error).__name__}: {error}"
    return result


def main():
    cases = [record(case) for case in json.loads(FILE.read_text())]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    FILE.write_text(f"[\n{lines}\n]\n")
    print(len(cases), "cases,", sum("error" in case for case in cases), "of them errors")


main()
