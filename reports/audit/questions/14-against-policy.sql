-- title: Access that does not match the role map; approved exceptions and their expiry; expired exceptions still held
-- about: One row for each right that no rule of the night's role map gives: allowed by an
-- exception (with its last day), held after its exception ended, or allowed by nothing.
-- parameters: date date, system text, person text, entitlement text
-- columns: state, source, employee_id, system, scope, account_id, login, kind, entitlement, risk, exception, ticket, approved_by, expires_on, first_seen_on
-- nights: date
WITH told AS (
  SELECT run_id, system, scope, account_id, entitlement_kind, entitlement_id, max(kind) AS kind, max(cites) AS cites
  FROM findings WHERE kind IN ('excepted', 'expired_exception') GROUP BY run_id, system, scope, account_id, entitlement_kind, entitlement_id
)
SELECT CASE WHEN f.kind = 'excepted' THEN 'excepted' WHEN f.kind = 'expired_exception' THEN 'exception has ended' ELSE 'nothing allows it' END AS state,
       g.source, g.employee_id, g.system, g.scope, g.account_id, g.login, g.kind, g.entitlement, g.risk,
       COALESCE(x.id, '') AS exception, COALESCE(x.ticket, '') AS ticket, COALESCE(x.approved_by, '') AS approved_by, COALESCE(x.expires_on, '') AS expires_on, g.first_seen_on
FROM grants g
LEFT JOIN told f ON f.run_id = g.run_id AND f.system = g.system AND f.scope = g.scope AND f.account_id = g.account_id
  AND f.entitlement_kind = g.kind AND f.entitlement_id = g.entitlement_id
LEFT JOIN exceptions x ON x.run_id = g.run_id AND x.file || ' row ' || CAST(x.line AS VARCHAR(20)) = COALESCE(f.cites, g.cites)
WHERE g.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
  AND (NOT g.expected OR x.id IS NOT NULL)
  AND (:system = '' OR g.system = :system)
  AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
  AND (:entitlement = '' OR lower(g.entitlement) = lower(:entitlement) OR g.entitlement_id = :entitlement)
ORDER BY 1, g.source, g.employee_id, g.system, g.scope, g.account_id, g.kind, g.entitlement, g.via, g.entitlement_id
