-- title: Movers: who changed role, and which access of the old role remained more than N days
-- about: One row for each right of an old role that the night of --to still has, and one for
-- each person whose title or department is another than on the night of --from and who kept
-- nothing. overdue: kept for more than --days since it was first told. Where --from
-- is before the first night, that one is compared.
-- parameters: from date, to date, days count 30, person text, system text
-- columns: source, employee_id, name, old_title, old_department, title, department, system, scope, login, kind, entitlement, kept_since, days_kept, overdue, disposition
-- nights: from, to
WITH earlier AS (
  SELECT * FROM identities WHERE run_id = COALESCE((SELECT max(run_id) FROM nights WHERE date <= CAST(:from AS DATE)), (SELECT min(run_id) FROM nights))
), later AS (
  SELECT i.*, CAST(n.started_at AS DATE) AS day FROM identities i JOIN nights n ON n.run_id = i.run_id
  WHERE i.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
), kept AS (
  SELECT f.* FROM findings f
  WHERE f.kind = 'mover_residue' AND f.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
)
SELECT l.source, l.employee_id, l.name, e.title AS old_title, e.department AS old_department, l.title, l.department,
       k.system, k.scope, k.login, k.entitlement_kind AS kind, k.entitlement, k.first_seen_on AS kept_since,
       days_between(k.first_seen_on, l.day) AS days_kept, days_between(k.first_seen_on, l.day) > CAST(:days AS BIGINT) AS overdue, k.disposition
FROM later l
LEFT JOIN earlier e ON e.source = l.source AND e.employee_id = l.employee_id
LEFT JOIN kept k ON k.source = l.source AND k.employee_id = l.employee_id
WHERE (k.run_id IS NOT NULL OR e.title <> l.title OR e.department <> l.department)
  AND (:person = '' OR l.employee_id = :person OR l.source || '/' || l.employee_id = :person)
  AND (:system = '' OR k.system = :system)
ORDER BY CASE WHEN k.run_id IS NULL THEN 1 ELSE 0 END, k.first_seen_on NULLS LAST, l.source, l.employee_id, k.system, k.scope, k.login, k.entitlement_kind, k.entitlement, k.entitlement_id
