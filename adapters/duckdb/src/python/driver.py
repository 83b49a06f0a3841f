"""Runs one model in Python beside copies of what it reads.

The argument is a file of JSON that says what to run; what goes wrong is written to the file it names.
"""

import importlib.util
import json
import sys
import traceback


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def connect(job):
    import duckdb

    connection = duckdb.connect(job["scratch"])
    for name, path in job["databases"]:
        connection.execute(f"attach {literal(path)} as {quoted(name)}")
    for statement in job["settings"]:
        connection.execute(statement)
    database, schema = job["home"]
    connection.execute(f"use {quoted(database)}.{quoted(schema)}")
    return connection


def run(job):
    sys.path[:0] = job["module_paths"]
    connection = connect(job)
    place = importlib.util.spec_from_file_location("model", job["code"])
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    dbt = module.dbtObj(lambda name: connection.query("select * from " + name))
    module.materialize(module.model(dbt, connection), connection)
    connection.close()


def account(failure, code):
    """What went wrong, without the frames of this file, and the line of the model where it did."""
    frames = traceback.extract_tb(failure.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
    within = [frame.lineno for frame in own if frame.filename == code]
    if isinstance(failure, SyntaxError) and failure.filename == code:
        within.append(failure.lineno)
    said = "".join(traceback.format_exception_only(type(failure), failure)).strip()
    steps = "".join(traceback.format_list(own)).rstrip()
    missing = failure.name if isinstance(failure, ImportError) else None
    return {"said": said, "steps": steps, "line": within[-1] if within else None, "missing": missing}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    try:
        run(job)
    except BaseException as failure:
        with open(job["account"], "w", encoding="utf-8") as file:
            json.dump(account(failure, job["code"]), file)
        sys.exit(1)


main()
