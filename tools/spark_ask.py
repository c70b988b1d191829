"""Asks a local Spark what the tests tell it to, one request a line.

{"ddl": text}             runs statements, which end in a semicolon and an empty line
{"sql": text, "values": {name: text}}   answers {"columns": [], "types": [], "rows": [[]]}

Everything is given as Spark itself writes it as text; what is NULL is null. An error is
answered as {"error": text}. Standard output has answers and nothing else: what Java and
Spark print there, such as warnings of the virtual machine, goes to standard error.
"""

import json
import os
import sys

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ["TZ"] = "UTC"
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.functions import col  # noqa: E402


def start():
    builder = SparkSession.builder.master("local[2]").appName("rollcall")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.memory": "2g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.adaptive.enabled": "false",
        "spark.log.level": "ERROR",
        # An archive is thousands of small files, and a test asks little of each.
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
        "spark.sql.files.openCostInBytes": "65536",
        "spark.sql.codegen.wholeStage": "false",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def answer(spark, asked):
    if "ddl" in asked:
        for statement in asked["ddl"].split(";\n\n"):
            spark.sql(statement.rstrip().rstrip(";"))
        return {}
    found = spark.sql(asked["sql"], args=asked["values"])
    types = [f.dataType.simpleString() for f in found.schema.fields]
    positions = [f"c{i}" for i in range(len(types))]
    rows = found.toDF(*positions).select([col(p).cast("string") for p in positions]).collect()
    return {"columns": found.columns, "types": types, "rows": [list(r) for r in rows]}


def main():
    spark = start()
    for line in sys.stdin:
        try:
            reply = answer(spark, json.loads(line))
        except Exception as e:  # the test tells it
            reply = {"error": str(e)}
        print(json.dumps(reply), file=answers, flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
