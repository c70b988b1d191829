-- title: Privileged users on a date, the change against an earlier one, each with its business reason
-- about: One row for each privileged right that the night of --to or of --from has. change:
-- new, gone, or held on both; not read earlier, or later, where that night could not read
-- all of the system. standing: what the person is; what somebody who has left still has on
-- paper is judged by who-reaches. business_reason: what the role map, the exception or the
-- register of accounts that are no person's says that it is for. Where --from is before the first night, that one is compared.
-- parameters: from date, to date, system text, person text
-- columns: change, source, employee_id, name, title, department, standing, system, scope, account_id, login, kind, entitlement, via, business_reason, expected, cites, approved_by, first_seen_on
-- nights: from, to
WITH registered AS (
  SELECT run_id, system, scope, lower(account) AS account, max(purpose) AS purpose FROM nonhuman GROUP BY run_id, system, scope, lower(account)
), held AS (
  SELECT g.*, COALESCE(NULLIF(r.meaning, ''), NULLIF(x.reason, ''), NULLIF(h.purpose, ''), NULLIF(e.meaning, ''), '') AS meaning,
         COALESCE(i.name, '') AS name, COALESCE(i.title, '') AS title, COALESCE(i.department, '') AS department, COALESCE(i.standing, '') AS standing
  FROM grants g
  LEFT JOIN entitlements e ON e.run_id = g.run_id AND e.system = g.system AND e.scope = g.scope AND e.kind = g.kind AND e.entitlement_id = g.entitlement_id
  LEFT JOIN identities i ON i.run_id = g.run_id AND i.source = g.source AND i.employee_id = g.employee_id
  LEFT JOIN rules r ON r.run_id = g.run_id AND g.cites = r.file || ' row ' || CAST(r.line AS VARCHAR(20))
  LEFT JOIN exceptions x ON x.run_id = g.run_id AND g.cites = x.file || ' row ' || CAST(x.line AS VARCHAR(20))
    AND (x.file NOT LIKE 'review %' OR x.source = g.source AND x.employee_id = g.employee_id AND x.system = g.system
         AND (x.scope = g.scope AND x.entitlement = g.entitlement_id OR g.via_id <> '' AND x.scope = g.via_scope AND x.entitlement = g.via_id))
  LEFT JOIN registered h ON g.employee_id = '' AND h.run_id = g.run_id AND h.system = g.system AND (h.scope = '' OR h.scope = g.account_scope) AND h.account IN (lower(g.login), lower(g.account_id))
  WHERE (g.risk = 'privileged' OR e.privileged)
    AND (:system = '' OR g.system = :system)
    AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
), earlier AS (
  SELECT * FROM held WHERE run_id = COALESCE((SELECT max(run_id) FROM nights WHERE date <= CAST(:from AS DATE)), (SELECT min(run_id) FROM nights))
), later AS (
  SELECT * FROM held WHERE run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
), unread AS (
  SELECT DISTINCT run_id, system, scope FROM "reads" WHERE NOT complete AND kind <> 'logs'
), unread_then AS (
  SELECT u.system, u.scope FROM unread u WHERE u.run_id = COALESCE((SELECT max(run_id) FROM nights WHERE date <= CAST(:from AS DATE)), (SELECT min(run_id) FROM nights))
), unread_now AS (
  SELECT u.system, u.scope FROM unread u WHERE u.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
)
SELECT DISTINCT CASE WHEN a.run_id IS NULL AND u.system IS NOT NULL THEN 'not read earlier' WHEN a.run_id IS NULL THEN 'new'
                     WHEN b.run_id IS NULL AND w.system IS NOT NULL THEN 'not read later' WHEN b.run_id IS NULL THEN 'gone' ELSE 'held on both' END AS change,
       COALESCE(b.source, a.source) AS source, COALESCE(b.employee_id, a.employee_id) AS employee_id, COALESCE(b.name, a.name) AS name,
       COALESCE(b.title, a.title) AS title, COALESCE(b.department, a.department) AS department, COALESCE(b.standing, a.standing) AS standing, COALESCE(b.system, a.system) AS system,
       COALESCE(b.scope, a.scope) AS scope, COALESCE(b.account_id, a.account_id) AS account_id, COALESCE(b.login, a.login) AS login,
       COALESCE(b.kind, a.kind) AS kind, COALESCE(b.entitlement, a.entitlement) AS entitlement, COALESCE(b.via, a.via) AS via,
       COALESCE(b.meaning, a.meaning) AS business_reason, COALESCE(b.expected, a.expected) AS expected, COALESCE(b.cites, a.cites) AS cites,
       COALESCE(b.approved_by, a.approved_by) AS approved_by, COALESCE(b.first_seen_on, a.first_seen_on) AS first_seen_on
FROM earlier a
FULL OUTER JOIN later b ON b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id AND b.account_scope = a.account_scope
  AND b.kind = a.kind AND b.entitlement_id = a.entitlement_id AND b.via_id = a.via_id AND b.via_scope = a.via_scope
LEFT JOIN unread_then u ON u.system = b.system AND (u.scope = '' OR u.scope = b.scope OR u.scope = b.account_scope)
LEFT JOIN unread_now w ON w.system = a.system AND (w.scope = '' OR w.scope = a.scope OR w.scope = a.account_scope)
ORDER BY 1, 2, 3, 8, 9, 10, 12, 13, 14, 19 NULLS LAST
