-- title: Privileged users on a date, the change against an earlier one, each with its business reason
-- about: One row for each privileged right that the night of --to or of --from has. change:
-- new, gone, or held on both. Where --from is before the first night, that one is compared.
-- parameters: from date, to date, system text, person text
-- columns: change, source, employee_id, name, title, department, system, scope, account_id, login, kind, entitlement, via, business_reason, expected, cites, approved_by, first_seen_on
-- nights: from, to
WITH held AS (
  SELECT g.*, COALESCE(e.meaning, '') AS meaning, COALESCE(i.name, '') AS name, COALESCE(i.title, '') AS title, COALESCE(i.department, '') AS department
  FROM grants g
  LEFT JOIN entitlements e ON e.run_id = g.run_id AND e.system = g.system AND e.scope = g.scope AND e.kind = g.kind AND e.entitlement_id = g.entitlement_id
  LEFT JOIN identities i ON i.run_id = g.run_id AND i.source = g.source AND i.employee_id = g.employee_id
  WHERE (g.risk = 'privileged' OR e.privileged)
    AND (:system = '' OR g.system = :system)
    AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
), earlier AS (
  SELECT * FROM held WHERE run_id = COALESCE((SELECT max(run_id) FROM nights WHERE date <= CAST(:from AS DATE)), (SELECT min(run_id) FROM nights))
), later AS (
  SELECT * FROM held WHERE run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
)
SELECT CASE WHEN a.run_id IS NULL THEN 'new' WHEN b.run_id IS NULL THEN 'gone' ELSE 'held on both' END AS change,
       COALESCE(b.source, a.source) AS source, COALESCE(b.employee_id, a.employee_id) AS employee_id, COALESCE(b.name, a.name) AS name,
       COALESCE(b.title, a.title) AS title, COALESCE(b.department, a.department) AS department, COALESCE(b.system, a.system) AS system,
       COALESCE(b.scope, a.scope) AS scope, COALESCE(b.account_id, a.account_id) AS account_id, COALESCE(b.login, a.login) AS login,
       COALESCE(b.kind, a.kind) AS kind, COALESCE(b.entitlement, a.entitlement) AS entitlement, COALESCE(b.via, a.via) AS via,
       COALESCE(b.meaning, a.meaning) AS business_reason, COALESCE(b.expected, a.expected) AS expected, COALESCE(b.cites, a.cites) AS cites,
       COALESCE(b.approved_by, a.approved_by) AS approved_by, COALESCE(b.first_seen_on, a.first_seen_on) AS first_seen_on
FROM earlier a
FULL OUTER JOIN later b ON b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id AND b.account_scope = a.account_scope
  AND b.kind = a.kind AND b.entitlement_id = a.entitlement_id AND b.via_id = a.via_id AND b.via_scope = a.via_scope
ORDER BY 1, 2, 3, 7, 8, 9, 11, 12, 13, 18 NULLS LAST
