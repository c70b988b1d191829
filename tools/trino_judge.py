"""Judges SQL for Athena and Trino by a parser that is not ours (sqlglot).

Reads {"ddl": text, "queries": {name: {"sql": text, "values": [literal], "columns": [name]}}}
and answers {name: {"faults": [text], "duckdb": text}}: whether the query is Trino's, names
only tables and columns of the DDL, and gives these columns; and the same query, its values
put in, as DuckDB writes it.
"""

import json
import sys

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify


def tables(ddl):
    """The columns of each CREATE EXTERNAL TABLE, and the hidden one that Athena adds."""
    schema = {}
    for statement in ddl.split(";\n\n"):
        if "CREATE EXTERNAL TABLE" not in statement:
            continue
        created = sqlglot.parse_one(statement.rstrip().rstrip(";"), read="athena").find(exp.Schema)
        name = created.this
        columns = {c.name: c.args["kind"].sql("trino") for c in created.expressions if isinstance(c, exp.ColumnDef)}
        assert columns, statement
        columns.update({"date": "VARCHAR", "$path": "VARCHAR"})
        schema.setdefault(name.db, {})[name.name] = columns
    return schema


def judge(query, schema):
    faults = []
    try:
        parsed = sqlglot.parse(query["sql"], read="trino")
        if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
            return {"faults": ["it is not one query"], "duckdb": ""}
        tree = parsed[0]
        for function in tree.find_all(exp.Anonymous):
            faults.append(f"Trino's dialect does not know the function {function.name}")
        resolved = qualify(tree.copy(), schema=schema, dialect="trino", validate_qualify_columns=True)
        if resolved.named_selects != query["columns"]:
            faults.append(f"it gives {resolved.named_selects}")
        places = list(tree.find_all(exp.Placeholder, bfs=False))
        if len(places) != len(query["values"]):
            faults.append(f"it has {len(places)} places and {len(query['values'])} values")
        for place, value in zip(places, query["values"]):
            place.replace(sqlglot.parse_one(value, read="trino"))
        return {"faults": faults, "duckdb": tree.sql(dialect="duckdb")}
    except Exception as e:  # the test tells it
        return {"faults": faults + [str(e)], "duckdb": ""}


def main():
    asked = json.load(sys.stdin)
    schema = tables(asked["ddl"])
    answers = {name: judge(q, schema) for name, q in asked["queries"].items()}
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
