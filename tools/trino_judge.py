"""Judges SQL for Athena and Trino by a parser that is not ours (sqlglot).

Reads {"ddl": text, "queries": {name: {"sql": text, "values": [literal], "columns": [name]}}}
and answers {name: {"faults": [text], "duckdb": text}}: whether the query is Trino's, names
only tables and columns of the DDL, and gives these columns; and the same query, its values
put in, as DuckDB writes it.
"""

import json
import sys

import sqlglot
from sqlglot import TokenType, exp
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


def filled(query, faults):
    """The query with its values in the places of the question marks."""
    text, values = query["sql"], list(query["values"])
    places = [t for t in sqlglot.tokenize(text, read="trino") if t.token_type == TokenType.PLACEHOLDER]
    if len(places) != len(values):
        faults.append(f"it has {len(places)} places and {len(values)} values")
    for place, value in reversed(list(zip(places, values))):
        text = text[: place.start] + value + text[place.end + 1 :]
    return text


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
        return {"faults": faults, "duckdb": sqlglot.transpile(filled(query, faults), read="trino", write="duckdb", comments=False)[0]}
    except Exception as e:  # the test tells it
        return {"faults": faults + [str(e)], "duckdb": ""}


def main():
    asked = json.load(sys.stdin)
    schema = tables(asked["ddl"])
    answers = {name: judge(q, schema) for name, q in asked["queries"].items()}
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
