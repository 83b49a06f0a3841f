"""Compares all tables and views of two DuckDB files: names, columns, types and rows in any order.

The ledger is left out: dbt has none, and in its rows are ids of runs.

usage: compare_tables.py EXPECTED.duckdb FOUND.duckdb
"""

import sys
from collections import Counter

import duckdb

MOST_SHOWN = 5


def relations(connection):
    """Schema, name and kind of every table and view of the database that was opened."""
    return connection.execute(
        """
        select table_schema, table_name, table_type
        from information_schema.tables
        where table_catalog = current_database() and table_name <> 'quern_ledger'
        order by all
        """
    ).fetchall()


def columns(connection, schema, name):
    return connection.execute(
        """
        select column_name, data_type
        from information_schema.columns
        where table_catalog = current_database() and table_schema = ? and table_name = ?
        order by ordinal_position
        """,
        [schema, name],
    ).fetchall()


def rows(connection, schema, name):
    found = connection.execute(f'select columns(*)::varchar from "{schema}"."{name}"').fetchall()
    return Counter(found)


def difference(expected, found, label):
    lines = []
    for sign, side in (("-", expected - found), ("+", found - expected)):
        lines += [f"{label}: {sign} {row}" for row in sorted(side.elements(), key=repr)[:MOST_SHOWN]]
    return lines


def open_copy(path):
    """Views name their database, which is named after its file, so both are opened under one name."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{path}' as shop (read_only)")
    connection.execute("use shop")
    return connection


def main(expected_path, found_path):
    expected, found = open_copy(expected_path), open_copy(found_path)
    lines = difference(Counter(relations(expected)), Counter(relations(found)), "relations")
    shared = sorted(set(relations(expected)) & set(relations(found)))
    for schema, name, _ in shared:
        label = f"{schema}.{name}"
        own = columns(expected, schema, name)
        if own != columns(found, schema, name):
            lines.append(f"{label}: columns {own} and {columns(found, schema, name)}")
            continue
        lines += difference(rows(expected, schema, name), rows(found, schema, name), label)
    print("\n".join(lines) or f"{len(shared)} tables and views are the same")
    return 1 if lines or not shared else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
