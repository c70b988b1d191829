-- title: Who could reach production (or entitlement X) on date D, and by what path?
-- about: One row for each right held that night. Without --entitlement: every right
-- that the role map calls privileged. via names what carries a right that is not direct.
-- parameters: date date, entitlement text, system text, person text
-- columns: night, source, employee_id, name, system, scope, scope_name, login, kind, entitlement, via, direct, expected, cites, approved_by, first_seen_on
-- nights: date
SELECT g.run_id AS night, g.source, g.employee_id, i.name, g.system, g.scope, e.scope_name, g.login, g.kind,
       g.entitlement, g.via, g.direct, g.expected, g.cites, g.approved_by, g.first_seen_on
FROM grants g
LEFT JOIN identities i ON i.run_id = g.run_id AND i.source = g.source AND i.employee_id = g.employee_id
LEFT JOIN entitlements e ON e.run_id = g.run_id AND e.system = g.system AND e.scope = g.scope AND e.kind = g.kind AND e.entitlement_id = g.entitlement_id
WHERE g.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
  AND (:entitlement = '' AND (g.risk = 'privileged' OR e.privileged) OR lower(g.entitlement) = lower(:entitlement) OR g.entitlement_id = :entitlement)
  AND (:system = '' OR g.system = :system)
  AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
ORDER BY g.system, g.scope, g.kind, g.entitlement, g.source, g.employee_id, g.login, g.via, g.first_seen_on NULLS LAST
