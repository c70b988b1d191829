-- title: Who approved X's access to Y, when, under which rule (role-map version, exception, ticket)?
-- about: One row for each right held that night, with the line that allows it; those with
-- no approver come first. What a review kept although no rule gives it is allowed by that
-- review until expires_on; once an exception, or what a review allowed, has ended, its
-- approver approves nothing. rolemap_sha256 is the version: inputs/<rolemap_sha256> in the archive.
-- parameters: date date, person text, entitlement text, system text
-- columns: state, source, employee_id, system, scope, login, kind, entitlement, via, first_seen_on, cites, approved_by, approved_on, expires_on, ticket, rolemap_sha256
-- nights: date
SELECT CASE WHEN NOT g.expected AND x.id IS NULL THEN 'nothing allows it' WHEN NOT g.expected THEN 'exception has ended' WHEN g.approved_by = '' THEN 'no approver' ELSE 'approved' END AS state,
       g.source, g.employee_id, g.system, g.scope, g.login, g.kind, g.entitlement, g.via, g.first_seen_on, g.cites, g.approved_by,
       COALESCE(r.approved_on, x.approved_on, '') AS approved_on, COALESCE(r.expires_on, x.expires_on, '') AS expires_on,
       COALESCE(x.ticket, '') AS ticket, n.rolemap_sha256
FROM grants g
JOIN nights n ON n.run_id = g.run_id
LEFT JOIN rules r ON r.run_id = g.run_id AND g.cites = r.file || ' row ' || CAST(r.line AS VARCHAR(20))
LEFT JOIN exceptions x ON x.run_id = g.run_id AND g.cites = x.file || ' row ' || CAST(x.line AS VARCHAR(20))
  AND (x.file NOT LIKE 'review %' OR x.source = g.source AND x.employee_id = g.employee_id AND x.system = g.system
       AND (x.scope = g.scope AND x.entitlement = g.entitlement_id OR g.via_id <> '' AND x.scope = g.via_scope AND x.entitlement = g.via_id))
WHERE g.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
  AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
  AND (:entitlement = '' OR lower(g.entitlement) = lower(:entitlement) OR g.entitlement_id = :entitlement)
  AND (:system = '' OR g.system = :system)
ORDER BY 1 DESC, g.source, g.employee_id, g.system, g.scope, g.login, g.kind, g.entitlement, g.via, g.cites
