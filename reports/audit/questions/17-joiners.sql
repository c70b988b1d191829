-- title: New joiners: access before approval or before the start date?
-- about: The population is everybody who starts in the period. One row for each right first
-- seen before the start, or that nothing allowed when it was first seen in the period, or
-- whose line was approved after that; who
-- has none of these has one row that says so.
-- parameters: from date, to date, person text, system text
-- columns: what, source, employee_id, name, start_date, system, scope, login, kind, entitlement, first_seen_on, days_before_start, cites, approved_by, approved_on
-- period: runs, identities, grants, rules
WITH known AS (
  SELECT i.*, row_number() OVER (PARTITION BY i.source, i.employee_id ORDER BY i.run_id DESC) AS nth
  FROM identities i JOIN nights n ON n.run_id = i.run_id
  WHERE i.start_date <> '' AND i.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
    AND (:person = '' OR i.employee_id = :person OR i.source || '/' || i.employee_id = :person)
), joiners AS (
  SELECT source, employee_id, name, CAST(substr(start_date, 1, 10) AS DATE) AS start_date FROM known
  WHERE nth = 1 AND CAST(substr(start_date, 1, 10) AS DATE) BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
), firsts AS (
  SELECT g.*, row_number() OVER (PARTITION BY g.source, g.employee_id, g.system, g.scope, g.account_id, g.account_scope, g.kind, g.entitlement_id, g.via_id, g.via_scope ORDER BY g.run_id) AS nth
  FROM grants g JOIN nights n ON n.run_id = g.run_id
  WHERE g.employee_id <> '' AND g.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
    AND (:system = '' OR g.system = :system)
     AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
), early AS (
  SELECT f.*, COALESCE(r.approved_on, '') AS approved_on,
         CASE WHEN r.approved_on <> '' AND CAST(substr(r.approved_on, 1, 10) AS DATE) > f.first_seen_on THEN 1 ELSE 0 END AS approved_late
  FROM firsts f
  LEFT JOIN rules r ON r.run_id = f.run_id AND f.cites = r.file || ' row ' || CAST(r.line AS VARCHAR(20))
  WHERE f.nth = 1
)
SELECT CASE WHEN f.run_id IS NULL THEN 'nothing early, all allowed' WHEN f.first_seen_on < j.start_date THEN 'before start' WHEN NOT f.expected THEN 'without approval' ELSE 'before approval' END AS what,
       j.source, j.employee_id, j.name, j.start_date, f.system, f.scope, f.login, f.kind, f.entitlement, f.first_seen_on,
       CASE WHEN f.first_seen_on < j.start_date THEN days_between(f.first_seen_on, j.start_date) END AS days_before_start, f.cites, f.approved_by, f.approved_on
FROM joiners j
LEFT JOIN early f ON f.source = j.source AND f.employee_id = j.employee_id AND (f.first_seen_on < j.start_date OR NOT f.expected OR f.approved_late = 1)
ORDER BY 1, j.source, j.employee_id, f.system, f.scope, f.login, f.kind, f.entitlement, f.via, f.entitlement_id
