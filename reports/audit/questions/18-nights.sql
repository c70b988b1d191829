-- title: Did the control run every day in the period? Nights missed, partial, guard-stopped or observe-only, and why
-- about: One row for each day of the period (UTC), also for those without a run; the newest
-- night of a day speaks for it. other_runs: sweeps, orders, restores and reviews. held: what
-- a guard held back, gaps: reads that were not complete, failed: changes that failed or were
-- not seen to have worked by the end of the night (exit code 5).
-- parameters: from date, to date
-- columns: day, outcome, nights, other_runs, run_id, mode, verdict, exit_code, gaps, first_gap, held, first_held, failed, policy_unread, tool_version
-- period: runs, reads, actions
WITH digits AS (
  SELECT * FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS t(n)
), days AS (
  SELECT add_days(CAST(:from AS DATE), a.n + 10 * b.n + 100 * c.n + 1000 * d.n) AS day
  FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits d
), per_day AS (
  SELECT date, count(*) AS nights, max(run_id) AS run_id FROM nights GROUP BY date
), others AS (
  SELECT r.date, count(*) AS other_runs FROM runs r LEFT JOIN nights n ON n.run_id = r.run_id WHERE n.run_id IS NULL GROUP BY r.date
), gaps AS (
  SELECT run_id, count(*) AS gaps, min(gap) AS first_gap FROM "reads" WHERE NOT complete GROUP BY run_id
), stopped AS (
  SELECT run_id, sum(CASE WHEN detail LIKE 'held by guard %' THEN 1 ELSE 0 END) AS held,
         min(CASE WHEN detail LIKE 'held by guard %' THEN detail END) AS first_held,
         sum(CASE WHEN outcome IN ('failed', 'pending', 'unknown') THEN 1 ELSE 0 END) AS failed
  FROM actions GROUP BY run_id
)
SELECT d.day, CASE WHEN p.run_id IS NULL THEN 'missed' WHEN r.verdict <> 'done' THEN r.verdict WHEN r."mode" = 'observe' THEN 'observe only' ELSE 'ran' END AS outcome,
       COALESCE(p.nights, 0) AS nights, COALESCE(o.other_runs, 0) AS other_runs, COALESCE(r.run_id, '') AS run_id, COALESCE(r."mode", '') AS mode,
       COALESCE(r.verdict, '') AS verdict, r.exit_code, COALESCE(g.gaps, 0) AS gaps, COALESCE(g.first_gap, '') AS first_gap,
       COALESCE(s.held, 0) AS held, COALESCE(s.first_held, '') AS first_held, COALESCE(s.failed, 0) AS failed,
       COALESCE(r.policy_unread, '') AS policy_unread, COALESCE(r.tool_version, '') AS tool_version
FROM days d
LEFT JOIN per_day p ON p.date = d.day
LEFT JOIN runs r ON r.run_id = p.run_id
LEFT JOIN others o ON o.date = d.day
LEFT JOIN gaps g ON g.run_id = p.run_id
LEFT JOIN stopped s ON s.run_id = p.run_id
WHERE d.day <= CAST(:to AS DATE)
ORDER BY d.day
