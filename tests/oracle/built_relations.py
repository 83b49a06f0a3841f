"""Reads all tables and views of a database: their columns and their rows, as text and in any order."""

import duckdb

OURS = "not in ('information_schema', 'pg_catalog')"
RELATIONS = f"""
select table_schema, table_name, table_type from information_schema.tables
where table_catalog = current_database() and table_schema {OURS} order by 1, 2
"""
COLUMNS = """
select column_name, data_type from information_schema.columns
where table_catalog = current_database() and table_schema = '{}' and table_name = '{}' order by ordinal_position
"""


def empty_database(options, name):
    """Makes the database anew on the PostgreSQL server."""
    connection = server(options, "postgres")
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(f"drop database if exists {name} with (force)")
    cursor.execute(f"create database {name}")
    connection.close()


def server(options, database):
    import psycopg2

    return psycopg2.connect(
        host=options.postgres_host,
        port=options.postgres_port,
        user=options.postgres_user,
        password=options.postgres_password,
        dbname=database,
    )


def read(target, file, options, database):
    """Every relation by `schema.name`."""
    if target == "duckdb":
        if not file.exists():
            return {}
        connection = duckdb.connect(str(file), read_only=True)
        connection.execute("set TimeZone = 'UTC'")
        return described(lambda sql: connection.execute(sql).fetchall(), "columns(*)::varchar")
    connection = server(options, database)
    connection.autocommit = True
    cursor = connection.cursor()

    def fetch(sql):
        cursor.execute(sql)
        return cursor.fetchall()

    return described(fetch, "whole::text")


def described(fetch, row):
    relations = {}
    for schema, name, kind in fetch(RELATIONS):
        columns = [list(column) for column in fetch(COLUMNS.format(schema, name))]
        try:
            rows = sorted(repr(values) for values in fetch(f'select {row} from "{schema}"."{name}" as whole'))
        except Exception as error:
            rows = [f"cannot be read: {str(error).splitlines()[0]}"]
        relations[f"{schema}.{name}"] = {"columns": [kind, *columns], "rows": rows}
    return relations
