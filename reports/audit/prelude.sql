-- What questions need besides the tables. An engine other than DuckDB is given the
-- same view, and these three functions its own way (dialect.go). Hundredths of an hour
-- are rounded in whole milliseconds, half of one up, so that all engines agree on the last one.
CREATE VIEW nights AS SELECT * FROM runs WHERE "trigger" NOT IN ('sweep', 'revoke', 'restore') AND "trigger" NOT LIKE 'review %' AND "trigger" NOT LIKE 'audit %';
CREATE MACRO hours_between(a, b) AS floor((CAST(date_diff('millisecond', a, b) AS DOUBLE) + 18000) / 36000) / 100;
CREATE MACRO days_between(a, b) AS date_diff('day', a, b);
CREATE MACRO add_days(d, n) AS CAST(d + n AS DATE);
