-- title: Who could reach production (or entitlement X) on date D, and by what path?
-- about: One row for each right held that night. --scope is an AWS account, by id or name.
-- Without --entitlement and --scope: every right that is privileged. via names what carries
-- a right that is not direct. could_use false: it was read that the account was disabled or
-- blocked by the end of that night, or that no account of its person works in the system
-- through which it signs in. could_use empty: not read; that system was not read to its end
-- that night, or no account there is known to be theirs (of an account of nobody: none with
-- the same login works there). holder: whose the account is (a person, a registered account that is no person's,
-- the root of an AWS account, or nobody that is known).
-- parameters: date date, entitlement text, scope text, system text, person text
-- columns: night, could_use, source, employee_id, name, holder, system, scope, scope_name, login, kind, entitlement, via, direct, expected, cites, approved_by, first_seen_on
-- nights: date
WITH night AS (
  SELECT max(run_id) AS run_id FROM nights WHERE date <= CAST(:date AS DATE)
), blocked AS (
  SELECT DISTINCT e.system, e.scope, e.account_id FROM endings e JOIN night n ON n.run_id = e.run_id WHERE e.blocked_verified_at IS NOT NULL
), who AS (
  SELECT a.*, CASE WHEN b.account_id IS NULL THEN 0 ELSE 1 END AS is_blocked
  FROM accounts a JOIN night n ON n.run_id = a.run_id
  LEFT JOIN blocked b ON b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id
), signs_in AS (
  SELECT source, employee_id, max(CASE WHEN status = 'active' AND is_blocked = 0 THEN 1 ELSE 0 END) AS works, max(CASE WHEN status = 'unknown' AND is_blocked = 0 THEN 1 ELSE 0 END) AS unsure
  FROM who WHERE employee_id <> '' AND kind = 'okta_user'
  GROUP BY source, employee_id
), logins AS (
  SELECT DISTINCT lower(login) AS login FROM who WHERE kind = 'okta_user' AND status = 'active' AND is_blocked = 0
), unread AS (
  SELECT count(*) AS lists FROM "reads" r JOIN night n ON n.run_id = r.run_id WHERE NOT r.complete AND r.kind IN ('users', 'all')
)
SELECT g.run_id AS night,
       CASE WHEN a.status IN ('suspended', 'disabled') THEN FALSE
            WHEN a.upstream <> '' AND (s.works = 1 OR a.employee_id = '' AND o.login IS NOT NULL) THEN TRUE
            WHEN a.is_blocked = 1 THEN FALSE
            WHEN a.upstream <> '' AND s.unsure = 0 AND u.lists = 0 THEN FALSE
            WHEN a.upstream <> '' OR a.status = 'unknown' THEN NULL
            ELSE TRUE END AS could_use,
       g.source, g.employee_id, COALESCE(i.name, '') AS name,
       CASE WHEN g.employee_id <> '' THEN 'person' WHEN a.match IN ('nonhuman', 'root') THEN a.match ELSE 'nobody known' END AS holder,
       g.system, g.scope, COALESCE(e.scope_name, '') AS scope_name, g.login, g.kind,
       g.entitlement, g.via, g.direct, g.expected, g.cites, g.approved_by, g.first_seen_on
FROM grants g
JOIN night n ON n.run_id = g.run_id
CROSS JOIN unread u
LEFT JOIN who a ON a.system = g.system AND a.scope = g.account_scope AND a.account_id = g.account_id
LEFT JOIN signs_in s ON s.source = g.source AND s.employee_id = g.employee_id
LEFT JOIN logins o ON o.login = lower(a.login)
LEFT JOIN identities i ON i.run_id = g.run_id AND i.source = g.source AND i.employee_id = g.employee_id
LEFT JOIN entitlements e ON e.run_id = g.run_id AND e.system = g.system AND e.scope = g.scope AND e.kind = g.kind AND e.entitlement_id = g.entitlement_id
WHERE (:entitlement = '' AND (:scope <> '' OR g.risk = 'privileged' OR e.privileged) OR lower(g.entitlement) = lower(:entitlement) OR g.entitlement_id = :entitlement)
  AND (:scope = '' OR g.scope = :scope OR lower(e.scope_name) = lower(:scope))
  AND (:system = '' OR g.system = :system)
  AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
ORDER BY g.system, g.scope, g.kind, g.entitlement, g.source, g.employee_id, g.login, g.via, g.first_seen_on NULLS LAST
