"""Reads every table of an archive with DuckDB's own package and with pyarrow, and
prints as JSON what each of them saw, and what they can skip by. Both must see the
same cells."""

import collections
import glob
import json
import os
import sys

import duckdb
import pyarrow.parquet as pq


def rows_of(table):
    return [json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist()]


def by_pyarrow(file, seen):
    table = pq.ParquetFile(file).read()
    seen["rows"] += table.num_rows
    seen["pyarrow"] = {f.name: str(f.type) for f in table.schema}
    meta = pq.ParquetFile(file).metadata
    for g in range(meta.num_row_groups):
        group = meta.row_group(g)
        for c in range(group.num_columns):
            column = group.column(c)
            if not (column.has_column_index and column.has_offset_index):
                seen["unindexed"].append(column.path_in_schema)
            if column.compression != "ZSTD":
                seen["unindexed"].append(column.path_in_schema + " is " + column.compression)
            s = column.statistics
            if s is None or not s.has_min_max and s.null_count < group.num_rows:
                seen["unindexed"].append(column.path_in_schema + " has no statistics")
    return table


def by_duckdb(db, file, seen):
    query = f"SELECT * FROM read_parquet('{file}', hive_partitioning = false)"
    seen["duckdb"] = {r[0]: r[1] for r in db.execute("DESCRIBE " + query).fetchall()}
    filters = db.execute(
        "SELECT DISTINCT path_in_schema FROM parquet_metadata(?) WHERE bloom_filter_offset IS NOT NULL", [file])
    for (column,) in filters.fetchall():
        values = [r[0] for r in db.execute(f'SELECT DISTINCT "{column}" FROM read_parquet(?)', [file]).fetchall()]
        seen["filters"].setdefault(column, {"excluded": 0, "lost": 0})
        for value, counted in [("nobody-has-this", "excluded")] + [(v, "lost") for v in values]:
            groups = db.execute("SELECT bloom_filter_excludes FROM parquet_bloom_probe(?, ?, ?)", [file, column, value])
            if all(excludes for (excludes,) in groups.fetchall()):
                seen["filters"][column][counted] += 1
    return db.sql(query).to_arrow_table()


def main(root):
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    tables = collections.defaultdict(lambda: {"rows": 0, "unindexed": [], "filters": {}, "differ": 0})
    for file in sorted(glob.glob(os.path.join(root, "*", "*", "*", "*.parquet"))):
        seen = tables[os.path.relpath(file, root).split(os.sep)[0]]
        one, other = by_pyarrow(file, seen), by_duckdb(db, file, seen)
        if [r.replace(".000000", "") for r in rows_of(one)] != [r.replace(".000000", "") for r in rows_of(other)]:
            seen["differ"] += 1
    json.dump(tables, sys.stdout)


main(sys.argv[1])
