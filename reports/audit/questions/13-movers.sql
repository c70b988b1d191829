-- title: Movers: who changed role, and which access of the old role remained more than N days
-- about: One row for each right of an old role that a night of the period told of, also if
-- it is gone or allowed by now, and one for each person whose title or department changed
-- in the period (against the night before its first one) and who kept nothing. Of several changes of a person the last is shown.
-- days_kept: from the night that told of it first to the last that did; overdue: more than
-- --days. still_held: on the night of --to. allowed_by: what allows it then.
-- parameters: from date, to date, days count 30, person text, system text
-- columns: source, employee_id, name, moved_on, old_title, old_department, title, department, system, scope, login, kind, entitlement, kept_since, last_told_on, days_kept, overdue, still_held, allowed_by
-- nights: to, <from?
-- period: runs, identities, findings
WITH seen AS (
  SELECT i.source, i.employee_id, i.name, i.title, i.department, i.date, i.run_id,
         lag(i.title) OVER (PARTITION BY i.source, i.employee_id ORDER BY i.run_id) AS old_title,
         lag(i.department) OVER (PARTITION BY i.source, i.employee_id ORDER BY i.run_id) AS old_department
  FROM identities i JOIN nights n ON n.run_id = i.run_id
  WHERE (i.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE) OR i.run_id = (SELECT max(run_id) FROM nights WHERE date < CAST(:from AS DATE)))
    AND (:person = '' OR i.employee_id = :person OR i.source || '/' || i.employee_id = :person)
), moves AS (
  SELECT s.*, row_number() OVER (PARTITION BY s.source, s.employee_id ORDER BY s.run_id DESC) AS nth
  FROM seen s WHERE s.old_title <> s.title OR s.old_department <> s.department
), newest AS (
  SELECT s.*, row_number() OVER (PARTITION BY s.source, s.employee_id ORDER BY s.run_id DESC) AS nth FROM seen s
), kept AS (
  SELECT f.source, f.employee_id, f.system, f.scope, f.account_id, max(f.login) AS login, f.entitlement_kind AS kind, f.entitlement_id, max(f.entitlement) AS entitlement,
         min(f.first_seen_on) AS kept_since, max(f.date) AS last_told_on
  FROM findings f JOIN nights n ON n.run_id = f.run_id
  WHERE f.kind = 'mover_residue' AND f.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE) AND (:system = '' OR f.system = :system)
  GROUP BY f.source, f.employee_id, f.system, f.scope, f.account_id, f.entitlement_kind, f.entitlement_id
), held AS (
  SELECT g.system, g.scope, g.account_id, g.kind, g.entitlement_id, max(CASE WHEN g.expected THEN g.cites ELSE '' END) AS allowed_by
  FROM grants g WHERE g.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
  GROUP BY g.system, g.scope, g.account_id, g.kind, g.entitlement_id
)
SELECT p.source, p.employee_id, p.name, m.date AS moved_on, m.old_title, m.old_department, p.title, p.department,
       k.system, k.scope, k.login, k.kind, k.entitlement, k.kept_since, k.last_told_on,
       days_between(k.kept_since, k.last_told_on) AS days_kept, days_between(k.kept_since, k.last_told_on) > CAST(:days AS BIGINT) AS overdue,
       CASE WHEN k.system IS NOT NULL THEN h.system IS NOT NULL END AS still_held, h.allowed_by
FROM newest p
LEFT JOIN moves m ON m.source = p.source AND m.employee_id = p.employee_id AND m.nth = 1
LEFT JOIN kept k ON k.source = p.source AND k.employee_id = p.employee_id
LEFT JOIN held h ON h.system = k.system AND h.scope = k.scope AND h.account_id = k.account_id AND h.kind = k.kind AND h.entitlement_id = k.entitlement_id
WHERE p.nth = 1 AND (k.system IS NOT NULL OR m.run_id IS NOT NULL AND :system = '')
ORDER BY CASE WHEN k.system IS NULL THEN 1 ELSE 0 END, k.kept_since NULLS LAST, p.source, p.employee_id, k.system, k.scope, k.login, k.kind, k.entitlement, k.entitlement_id
