-- One row for each day with a night and each risk: how many rights were held in the
-- day's newest night, and by how many people.
SELECT n.date AS day, COALESCE(NULLIF(g.risk, ''), 'not rated') AS risk, count(*) AS rights,
       count(DISTINCT CASE WHEN g.employee_id <> '' THEN g.source || '/' || g.employee_id END) AS people
FROM grants g JOIN nights n ON n.run_id = g.run_id
WHERE n.run_id IN (SELECT max(run_id) FROM nights GROUP BY date)
GROUP BY 1, 2
ORDER BY 1, 2
