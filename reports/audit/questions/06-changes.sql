-- title: What changed between two dates: added, removed, altered; by whom; expected by the role map?
-- about: One row for each right that one of the two nights has and the other has not, or
-- that rests on another line now. by_verb and by_actor: what rollcall did to that account
-- in between; empty: somebody else did it, in the system itself. Where --from is before
-- the first night, that one is compared.
-- parameters: from date, to date, system text, person text, entitlement text
-- columns: change, source, employee_id, system, scope, account_id, login, kind, entitlement, via, expected_before, expected_after, cites_before, cites_after, by_verb, by_actor
-- nights: from, to
-- period: actions, runs
WITH earlier AS (
  SELECT * FROM grants WHERE run_id = COALESCE((SELECT max(run_id) FROM nights WHERE date <= CAST(:from AS DATE)), (SELECT min(run_id) FROM nights))
), later AS (
  SELECT * FROM grants WHERE run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
), both_nights AS (
  SELECT CASE WHEN a.run_id IS NULL THEN 'added' WHEN b.run_id IS NULL THEN 'removed' ELSE 'altered' END AS change,
         COALESCE(b.source, a.source) AS source, COALESCE(b.employee_id, a.employee_id) AS employee_id, COALESCE(b.system, a.system) AS system,
         COALESCE(b.scope, a.scope) AS scope, COALESCE(b.account_id, a.account_id) AS account_id, COALESCE(b.account_scope, a.account_scope) AS account_scope,
         COALESCE(b.login, a.login) AS login, COALESCE(b.kind, a.kind) AS kind, COALESCE(b.entitlement_id, a.entitlement_id) AS entitlement_id,
         COALESCE(b.entitlement, a.entitlement) AS entitlement, COALESCE(b.via, a.via) AS via,
         a.expected AS expected_before, b.expected AS expected_after, COALESCE(a.cites, '') AS cites_before, COALESCE(b.cites, '') AS cites_after
  FROM earlier a
  FULL OUTER JOIN later b ON b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id AND b.account_scope = a.account_scope
    AND b.kind = a.kind AND b.entitlement_id = a.entitlement_id AND b.via_id = a.via_id AND b.via_scope = a.via_scope
  WHERE a.run_id IS NULL OR b.run_id IS NULL OR a.expected <> b.expected OR a.cites <> b.cites OR a.source <> b.source OR a.employee_id <> b.employee_id
), done AS (
  SELECT system, account_scope, account_id, entitlement_id, max(verb) AS verb, max(actor) AS actor
  FROM actions
  WHERE outcome = 'done' AND date > CAST(:from AS DATE) AND date <= CAST(:to AS DATE)
  GROUP BY system, account_scope, account_id, entitlement_id
), done_to AS (
  SELECT system, account_scope, account_id, max(verb) AS verb, max(actor) AS actor FROM done GROUP BY system, account_scope, account_id
)
SELECT c.change, c.source, c.employee_id, c.system, c.scope, c.account_id, c.login, c.kind, c.entitlement, c.via,
       c.expected_before, c.expected_after, c.cites_before, c.cites_after,
       CASE WHEN c.change = 'removed' THEN COALESCE(d.verb, t.verb, '') ELSE '' END AS by_verb,
       CASE WHEN c.change = 'removed' THEN COALESCE(d.actor, t.actor, '') ELSE '' END AS by_actor
FROM both_nights c
LEFT JOIN done d ON d.system = c.system AND d.account_scope = c.account_scope AND d.account_id = c.account_id AND d.entitlement_id = c.entitlement_id
LEFT JOIN done_to t ON t.system = c.system AND t.account_scope = c.account_scope AND t.account_id = c.account_id
WHERE (:system = '' OR c.system = :system)
  AND (:person = '' OR c.employee_id = :person OR c.source || '/' || c.employee_id = :person)
  AND (:entitlement = '' OR lower(c.entitlement) = lower(:entitlement) OR c.entitlement_id = :entitlement)
ORDER BY c.change, c.source, c.employee_id, c.system, c.scope, c.account_id, c.kind, c.entitlement, c.via, c.cites_before, c.cites_after, c.entitlement_id
