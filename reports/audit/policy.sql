-- What another role map would have said of who held what on past nights: the
-- expected-access join, by the old map and by the new one, over all nights at once.
-- Of DuckDB, Spark and Trino alike. Two relations are put in its place: night (run_id,
-- era: the nights on which the same rules count; and the company's day and the UTC time,
-- for what expires) and rule (side: old or new, n, cite, and patterns of LIKE in lower
-- case with ! before what is meant literally; expires_on as it is written, '' for never).
WITH night AS (
/*night*/
), rule AS (
/*rule*/
),
-- Patterns are matched once for all nights, by distinct jobs and rights: there are few.
era AS (
  SELECT era, min(today) AS today, min(moment) AS moment FROM night GROUP BY era
),
live AS (
  SELECT e.era, r.* FROM era e CROSS JOIN rule r
  WHERE r.expires_on = '' OR (length(r.expires_on) = 10 AND r.expires_on >= e.today) OR (length(r.expires_on) > 10 AND r.expires_on > e.moment)
),
person AS (
  SELECT DISTINCT t.era, i.run_id, i.source, i.employee_id, i.name, i.title, i.department, i.worker_type
  FROM identities i JOIN night t ON t.run_id = i.run_id
),
job AS (
  SELECT title, department, worker_type, row_number() OVER (ORDER BY title, department, worker_type) AS job
  FROM (SELECT DISTINCT title, department, worker_type FROM person) j
),
held AS (
  SELECT e.run_id, e.system, e.scope, e.kind, e.entitlement_id, e.name, max(COALESCE(e.scope_name, '')) AS scope_name
  FROM entitlements e JOIN night t ON t.run_id = e.run_id
  GROUP BY e.run_id, e.system, e.scope, e.kind, e.entitlement_id, e.name
),
ent AS (
  SELECT system, scope, kind, entitlement_id, name, scope_name, row_number() OVER (ORDER BY system, scope, kind, entitlement_id, name, scope_name) AS ent
  FROM (SELECT DISTINCT system, scope, kind, entitlement_id, name, scope_name FROM held) h
),
mine AS (
  SELECT j.job, r.side, r.n
  FROM job j JOIN rule r ON lower(j.title) LIKE r.title ESCAPE '!' AND lower(j.department) LIKE r.department ESCAPE '!' AND lower(j.worker_type) LIKE r.worker_type ESCAPE '!'
),
about AS (
  SELECT e.ent, r.side, r.n
  FROM ent e JOIN rule r ON lower(e.system) LIKE r.system ESCAPE '!' AND lower(e.kind) LIKE r.kind ESCAPE '!'
    AND (lower(e.scope) LIKE r.scope ESCAPE '!' OR lower(e.scope_name) LIKE r.scope ESCAPE '!')
    AND (lower(e.entitlement_id) LIKE r.entitlement ESCAPE '!' OR lower(e.name) LIKE r.entitlement ESCAPE '!')
),
-- What is expected of whom: the first line of each map for a job and a right. Only where
-- one map has a line and the other has none is there anything to tell.
expected AS (
  SELECT l.era, m.job, a.ent, min(CASE WHEN l.side = 'old' THEN l.n END) AS old_n, min(CASE WHEN l.side = 'new' THEN l.n END) AS new_n
  FROM live l JOIN mine m ON m.side = l.side AND m.n = l.n JOIN about a ON a.side = l.side AND a.n = l.n
  GROUP BY l.era, m.job, a.ent
  HAVING (min(CASE WHEN l.side = 'old' THEN l.n END) IS NULL) <> (min(CASE WHEN l.side = 'new' THEN l.n END) IS NULL)
),
allowed AS (
  SELECT DISTINCT x.run_id, x.source, x.employee_id, y.ent
  FROM exceptions x JOIN night t ON t.run_id = x.run_id
  JOIN (
    SELECT w.system, w.scope, w.kind, w.entitlement, e.ent
    FROM (SELECT DISTINCT system, scope, kind, entitlement FROM exceptions) w
    JOIN ent e ON lower(e.system) = lower(w.system) AND (w.scope = '' OR w.scope = e.scope)
      AND (w.kind = '' OR lower(w.kind) = lower(e.kind)) AND (w.entitlement = e.entitlement_id OR lower(w.entitlement) = lower(e.name))
  ) y ON y.system = x.system AND y.scope = x.scope AND y.kind = x.kind AND y.entitlement = x.entitlement
  WHERE x.expires_on = '' OR (length(x.expires_on) = 10 AND x.expires_on >= t.today) OR (length(x.expires_on) > 10 AND x.expires_on > t.moment)
),
-- Rights that are held directly and no exception allows: one that a group carries is
-- judged with the group.
change AS (
  SELECT DISTINCT g.run_id, g.date, p.source, p.employee_id, p.name, p.title, p.department, p.worker_type, g.system, g.account_id, g.login,
         g.scope, g.kind, g.entitlement_id, g.entitlement, x.old_n, x.new_n
  FROM grants g
  JOIN person p ON p.run_id = g.run_id AND p.source = g.source AND p.employee_id = g.employee_id
  JOIN job j ON j.title = p.title AND j.department = p.department AND j.worker_type = p.worker_type
  JOIN held h ON h.run_id = g.run_id AND h.system = g.system AND h.scope = g.scope AND h.kind = g.kind AND h.entitlement_id = g.entitlement_id AND h.name = g.entitlement
  JOIN ent e ON e.system = h.system AND e.scope = h.scope AND e.kind = h.kind AND e.entitlement_id = h.entitlement_id AND e.name = h.name AND e.scope_name = h.scope_name
  JOIN expected x ON x.era = p.era AND x.job = j.job AND x.ent = e.ent
  LEFT JOIN allowed w ON w.run_id = g.run_id AND w.source = g.source AND w.employee_id = g.employee_id AND w.ent = e.ent
  WHERE g.direct AND w.run_id IS NULL
),
told AS (
  SELECT c.*, COALESCE(o.cite, '') AS before_cite, COALESCE(n.cite, '') AS after_cite
  FROM change c LEFT JOIN rule o ON o.side = 'old' AND o.n = c.old_n LEFT JOIN rule n ON n.side = 'new' AND n.n = c.new_n
),
-- What several nights have in common is told once, in the words of the last of them.
counted AS (
  SELECT t.*, count(*) OVER same AS nights, min(date) OVER same AS first_on, max(date) OVER same AS last_on,
         row_number() OVER (PARTITION BY source, employee_id, system, account_id, scope, kind, entitlement_id, before_cite, after_cite ORDER BY run_id DESC, login DESC, entitlement DESC) AS back
  FROM told t
  WINDOW same AS (PARTITION BY source, employee_id, system, account_id, scope, kind, entitlement_id, before_cite, after_cite)
)
SELECT 'change' AS what, '' AS run_id, source, employee_id, name, title, department, worker_type, system, account_id, login, scope, kind, entitlement_id, entitlement,
       before_cite, after_cite, CAST(first_on AS VARCHAR(10)) AS first_on, CAST(last_on AS VARCHAR(10)) AS last_on, CAST(nights AS BIGINT) AS n
FROM counted WHERE back = 1
UNION ALL
SELECT CASE WHEN old_n IS NULL THEN 'gained' ELSE 'lost' END, run_id, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', count(*)
FROM change GROUP BY run_id, CASE WHEN old_n IS NULL THEN 'gained' ELSE 'lost' END
UNION ALL
SELECT 'unread', r.run_id, '', '', '', '', '', '', r.system, '', '', r.scope, r.kind, '', r.gap, '', '', '', '', 0
FROM reads r JOIN night t ON t.run_id = r.run_id WHERE NOT r.complete AND r.kind <> 'logs'
UNION ALL
SELECT 'exceptions', r.run_id, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 0
FROM runs r JOIN night t ON t.run_id = r.run_id WHERE ' ' || r.policy_unread || ' ' LIKE '% exceptions %'
ORDER BY 1, 2, 3, 4, 9, 12, 13, 15, 14, 10, 16, 17
