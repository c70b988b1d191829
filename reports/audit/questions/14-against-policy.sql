-- title: Access that does not match the role map; approved exceptions and their expiry; expired exceptions still held
-- about: One row for each right that no rule of the night's role map gives: allowed by an
-- exception, or by a review that kept it (with its last day), held after its exception
-- ended, or allowed by nothing. An account that is no person's is in the register or not;
-- the role map says nothing of it.
-- parameters: date date, system text, person text, entitlement text
-- columns: state, source, employee_id, system, scope, account_id, login, kind, entitlement, via, risk, exception, ticket, approved_by, expires_on, first_seen_on
-- nights: date
SELECT CASE WHEN g.expected THEN 'excepted' WHEN x.id IS NOT NULL THEN 'exception has ended' WHEN a.match = 'nonhuman' THEN 'no person: registered'
            WHEN g.employee_id = '' THEN 'no person is known' ELSE 'nothing allows it' END AS state,
       g.source, g.employee_id, g.system, g.scope, g.account_id, g.login, g.kind, g.entitlement, g.via, g.risk,
       COALESCE(x.id, '') AS exception, COALESCE(x.ticket, '') AS ticket, COALESCE(x.approved_by, '') AS approved_by, COALESCE(x.expires_on, '') AS expires_on, g.first_seen_on
FROM grants g
LEFT JOIN accounts a ON a.run_id = g.run_id AND a.system = g.system AND a.scope = g.account_scope AND a.account_id = g.account_id
LEFT JOIN exceptions x ON x.run_id = g.run_id AND g.cites = x.file || ' row ' || CAST(x.line AS VARCHAR(20))
  AND (x.file NOT LIKE 'review %' OR x.source = g.source AND x.employee_id = g.employee_id AND x.system = g.system
       AND (x.scope = g.scope AND x.entitlement = g.entitlement_id OR g.via_id <> '' AND x.scope = g.via_scope AND x.entitlement = g.via_id))
WHERE g.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
  AND (NOT g.expected OR x.id IS NOT NULL)
  AND (:system = '' OR g.system = :system)
  AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
  AND (:entitlement = '' OR lower(g.entitlement) = lower(:entitlement) OR g.entitlement_id = :entitlement)
ORDER BY 1, g.source, g.employee_id, g.system, g.scope, g.account_id, g.kind, g.entitlement, g.via, g.entitlement_id
