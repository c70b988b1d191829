-- What questions need besides the tables. An engine other than DuckDB is given the
-- same view, and these three functions its own way.
CREATE VIEW nights AS SELECT * FROM runs WHERE "trigger" NOT IN ('sweep', 'revoke', 'restore') AND "trigger" NOT LIKE 'review %';
CREATE MACRO hours_between(a, b) AS round(date_diff('second', a, b) / 3600.0, 2);
CREATE MACRO days_between(a, b) AS date_diff('day', a, b);
CREATE MACRO add_days(d, n) AS CAST(d + n AS DATE);
