-- What another role map would have said of who held what on past nights: the
-- expected-access join, by the old map and by the new one, over all nights at once.
-- Of DuckDB, Spark and Trino alike. Two relations are put in its place: night (run_id,
-- today, moment: the company's day and the UTC time, for what expires) and rule (side,
-- n, cite, and patterns of LIKE in lower case with ! before what is meant literally;
-- expires_on as it is written, '' for never).
WITH night AS (
/*night*/
), rule AS (
/*rule*/
),
-- Of each night: the rules that count, the distinct profiles of people and the distinct
-- rights: few of each, so that patterns are matched once for all who share them.
live AS (
  SELECT t.run_id, r.* FROM night t CROSS JOIN rule r
  WHERE r.expires_on = '' OR (length(r.expires_on) = 10 AND r.expires_on >= t.today) OR (length(r.expires_on) > 10 AND r.expires_on > t.moment)
),
person AS (
  SELECT DISTINCT i.run_id, i.source, i.employee_id, i.name, i.title, i.department, i.worker_type
  FROM identities i JOIN night t ON t.run_id = i.run_id
),
profile AS (
  SELECT DISTINCT run_id, title, department, worker_type FROM person
),
ent AS (
  SELECT e.run_id, e.system, e.scope, e.kind, e.entitlement_id, e.name, max(COALESCE(e.scope_name, '')) AS scope_name
  FROM entitlements e JOIN night t ON t.run_id = e.run_id
  GROUP BY e.run_id, e.system, e.scope, e.kind, e.entitlement_id, e.name
),
mine AS (
  SELECT p.run_id, p.title, p.department, p.worker_type, r.side, r.n, r.cite
  FROM profile p JOIN live r ON r.run_id = p.run_id
  WHERE lower(p.title) LIKE r.title ESCAPE '!' AND lower(p.department) LIKE r.department ESCAPE '!' AND lower(p.worker_type) LIKE r.worker_type ESCAPE '!'
),
about AS (
  SELECT e.run_id, e.system, e.scope, e.kind, e.entitlement_id, e.name, r.side, r.n
  FROM ent e JOIN live r ON r.run_id = e.run_id
  WHERE lower(e.system) LIKE r.system ESCAPE '!' AND lower(e.kind) LIKE r.kind ESCAPE '!'
    AND (lower(e.scope) LIKE r.scope ESCAPE '!' OR lower(e.scope_name) LIKE r.scope ESCAPE '!')
    AND (lower(e.entitlement_id) LIKE r.entitlement ESCAPE '!' OR lower(e.name) LIKE r.entitlement ESCAPE '!')
),
-- What is expected of whom: of a profile and a right, the first line of each map.
expected AS (
  SELECT m.run_id, m.title, m.department, m.worker_type, a.system, a.scope, a.kind, a.entitlement_id, a.name,
         min(CASE WHEN m.side = 'old' THEN m.n END) AS old_n, min(CASE WHEN m.side = 'new' THEN m.n END) AS new_n
  FROM mine m JOIN about a ON a.run_id = m.run_id AND a.side = m.side AND a.n = m.n
  GROUP BY m.run_id, m.title, m.department, m.worker_type, a.system, a.scope, a.kind, a.entitlement_id, a.name
),
allowed AS (
  SELECT DISTINCT x.run_id, x.source, x.employee_id, e.system, e.scope, e.kind, e.entitlement_id, e.name
  FROM exceptions x JOIN night t ON t.run_id = x.run_id
  JOIN ent e ON e.run_id = x.run_id AND lower(e.system) = lower(x.system) AND (x.scope = '' OR x.scope = e.scope)
    AND (x.kind = '' OR lower(x.kind) = lower(e.kind)) AND (x.entitlement = e.entitlement_id OR lower(x.entitlement) = lower(e.name))
  WHERE x.expires_on = '' OR (length(x.expires_on) = 10 AND x.expires_on >= t.today) OR (length(x.expires_on) > 10 AND x.expires_on > t.moment)
),
-- Rights that are held directly, which one of the maps gives and the other does not, and
-- no exception: a right that a group carries is judged with the group.
change AS (
  SELECT DISTINCT g.run_id, g.date, p.source, p.employee_id, p.name, p.title, p.department, p.worker_type, g.system, g.account_id, g.login,
         g.scope, g.kind, g.entitlement_id, g.entitlement, x.old_n, x.new_n
  FROM grants g
  JOIN person p ON p.run_id = g.run_id AND p.source = g.source AND p.employee_id = g.employee_id
  JOIN expected x ON x.run_id = g.run_id AND x.title = p.title AND x.department = p.department AND x.worker_type = p.worker_type
    AND x.system = g.system AND x.scope = g.scope AND x.kind = g.kind AND x.entitlement_id = g.entitlement_id AND x.name = g.entitlement
  LEFT JOIN allowed w ON w.run_id = g.run_id AND w.source = g.source AND w.employee_id = g.employee_id
    AND w.system = g.system AND w.scope = g.scope AND w.kind = g.kind AND w.entitlement_id = g.entitlement_id AND w.name = g.entitlement
  WHERE g.direct AND w.run_id IS NULL AND (x.old_n IS NULL) <> (x.new_n IS NULL)
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
