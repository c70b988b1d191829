-- title: Separation of duties: who both approved and received; reviewer is administrator; conflicting pairs
-- about: One row for each right that its own holder approved (approved_by is their id, e-mail
-- or name), each conflicting pair of that night, each answer about own access, with
-- whether it counted, and each reviewer who held privileged access to the system that they decided about.
-- parameters: date date, system text, person text
-- columns: what, source, employee_id, name, system, scope, login, entitlement, detail, rests_on
-- nights: date
-- history: decisions, items
WITH night AS (
  SELECT max(run_id) AS run_id FROM nights WHERE date <= CAST(:date AS DATE)
), people AS (
  SELECT i.* FROM identities i JOIN night n ON n.run_id = i.run_id
), held AS (
  SELECT g.* FROM grants g JOIN night n ON n.run_id = g.run_id
), answered AS (
  SELECT * FROM decisions WHERE date <= CAST(:date AS DATE)
), shown AS (
  SELECT campaign_id, row_id, max(login) AS login, max(entitlement) AS entitlement FROM items WHERE date <= CAST(:date AS DATE) GROUP BY campaign_id, row_id
), found AS (
  SELECT 'approved and received' AS what, g.source, g.employee_id, p.name, g.system, g.scope, g.login, g.entitlement, 'approved by ' || g.approved_by AS detail, g.cites AS rests_on
  FROM held g JOIN people p ON p.source = g.source AND p.employee_id = g.employee_id
  WHERE g.approved_by <> '' AND lower(g.approved_by) IN (lower(p.employee_id), lower(p.email), lower(p.name), lower(p.source || '/' || p.employee_id))
  UNION ALL
  SELECT 'conflicting pair', f.source, f.employee_id, p.name, f.system, f.scope, f.login, f.entitlement, f.reason, f.cites
  FROM findings f JOIN night n ON n.run_id = f.run_id
  LEFT JOIN people p ON p.source = f.source AND p.employee_id = f.employee_id
  WHERE f.kind = 'sod_conflict'
  UNION ALL
  SELECT 'answer about own access', d.source, d.employee_id, d.reviewer_name, d.system, d.scope, COALESCE(s.login, ''), COALESCE(s.entitlement, d.entitlement_id),
         CASE WHEN d.decision = 'blocked_self_review' THEN 'did not count' ELSE 'counted' END, 'campaign ' || d.campaign_id || ', row ' || d.row_id
  FROM answered d
  LEFT JOIN shown s ON s.campaign_id = d.campaign_id AND s.row_id = d.row_id
  WHERE d.decision = 'blocked_self_review' OR d.decision IN ('validate', 'modify', 'revoke') AND d.reviewer_employee_id <> '' AND d.reviewer_source = d.source AND d.reviewer_employee_id = d.employee_id
  UNION ALL
  SELECT 'reviewer is administrator', d.reviewer_source, d.reviewer_employee_id, max(d.reviewer_name), g.system, g.scope, g.login, g.entitlement, 'decided about this system', 'campaign ' || d.campaign_id
  FROM answered d JOIN held g ON g.source = d.reviewer_source AND g.employee_id = d.reviewer_employee_id AND g.system = d.system
  LEFT JOIN entitlements e ON e.run_id = g.run_id AND e.system = g.system AND e.scope = g.scope AND e.kind = g.kind AND e.entitlement_id = g.entitlement_id
  WHERE d.decision IN ('validate', 'modify', 'revoke') AND d.reviewer_employee_id <> '' AND (g.risk = 'privileged' OR e.privileged)
  GROUP BY d.reviewer_source, d.reviewer_employee_id, g.system, g.scope, g.login, g.entitlement, d.campaign_id
)
SELECT * FROM found
WHERE (:system = '' OR system = :system)
  AND (:person = '' OR employee_id = :person OR source || '/' || employee_id = :person)
ORDER BY what, source, employee_id, system, scope, login, entitlement, detail, rests_on
