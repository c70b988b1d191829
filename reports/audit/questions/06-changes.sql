-- title: What changed between two dates: added, removed, altered; by whom; expected by the role map?
-- about: One row for each right that one of the two nights has and the other has not, or
-- that rests on another line now. by_verb and by_actor: what rollcall did in between to that
-- right, to what carries it, or to the account as a whole; empty: somebody else did it, in
-- the system itself. Not read earlier, or later: that night could not read all of the
-- system, so that nobody can tell whether anything changed. Where --from is before the first night, that one is compared.
-- parameters: from date, to date, system text, person text, entitlement text
-- columns: change, source, employee_id, system, scope, account_id, login, kind, entitlement, via, entitlement_id, expected_before, expected_after, cites_before, cites_after, by_verb, by_actor
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
         COALESCE(b.entitlement, a.entitlement) AS entitlement, COALESCE(b.via, a.via) AS via, COALESCE(b.via_id, a.via_id) AS via_id, COALESCE(b.via_scope, a.via_scope) AS via_scope,
         a.expected AS expected_before, b.expected AS expected_after, COALESCE(a.cites, '') AS cites_before, COALESCE(b.cites, '') AS cites_after
  FROM earlier a
  FULL OUTER JOIN later b ON b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id AND b.account_scope = a.account_scope
    AND b.kind = a.kind AND b.entitlement_id = a.entitlement_id AND b.via_id = a.via_id AND b.via_scope = a.via_scope
  WHERE a.run_id IS NULL OR b.run_id IS NULL OR a.expected <> b.expected OR a.cites <> b.cites OR a.source <> b.source OR a.employee_id <> b.employee_id
), unread AS (
  SELECT DISTINCT run_id, system, scope FROM "reads" WHERE NOT complete AND kind <> 'logs'
), unread_then AS (
  SELECT u.system, u.scope FROM unread u WHERE u.run_id = COALESCE((SELECT max(run_id) FROM nights WHERE date <= CAST(:from AS DATE)), (SELECT min(run_id) FROM nights))
), unread_now AS (
  SELECT u.system, u.scope FROM unread u WHERE u.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:to AS DATE))
), done AS (
  SELECT x.system, x.scope, x.account_scope, x.account_id, x.entitlement_id, x.verb, x.actor,
         row_number() OVER (PARTITION BY x.system, x.scope, x.account_scope, x.account_id, x.entitlement_id ORDER BY x.run_id DESC, x.sent_at DESC, x.action_id) AS nth
  FROM actions x
  WHERE x.outcome = 'done' AND x.run_id >= COALESCE((SELECT max(run_id) FROM nights WHERE date <= CAST(:from AS DATE)), (SELECT min(run_id) FROM nights)) AND x.date <= CAST(:to AS DATE)
    AND (x.entitlement_id <> '' OR x.verb IN ('deactivate', 'delete_user', 'delete_login_profile'))
)
SELECT DISTINCT CASE WHEN c.change = 'removed' AND w.system IS NOT NULL THEN 'not read later' WHEN c.change = 'added' AND u.system IS NOT NULL THEN 'not read earlier' ELSE c.change END AS change, c.source, c.employee_id, c.system, c.scope, c.account_id, c.login, c.kind, c.entitlement, c.via,
       c.entitlement_id, c.expected_before, c.expected_after, c.cites_before, c.cites_after,
       CASE WHEN c.change = 'removed' THEN COALESCE(d.verb, v.verb, t.verb, '') ELSE '' END AS by_verb,
       CASE WHEN c.change = 'removed' THEN COALESCE(d.actor, v.actor, t.actor, '') ELSE '' END AS by_actor
FROM both_nights c
LEFT JOIN done d ON d.nth = 1 AND d.system = c.system AND d.account_scope = c.account_scope AND d.account_id = c.account_id AND d.scope = c.scope AND d.entitlement_id = c.entitlement_id
LEFT JOIN done v ON v.nth = 1 AND v.system = c.system AND v.account_scope = c.account_scope AND v.account_id = c.account_id AND c.via_id <> '' AND v.scope = c.via_scope AND v.entitlement_id = c.via_id
LEFT JOIN done t ON t.nth = 1 AND t.system = c.system AND t.account_scope = c.account_scope AND t.account_id = c.account_id AND t.entitlement_id = ''
LEFT JOIN unread_then u ON u.system = c.system AND (u.scope = '' OR u.scope = c.scope OR u.scope = c.account_scope)
LEFT JOIN unread_now w ON w.system = c.system AND (w.scope = '' OR w.scope = c.scope OR w.scope = c.account_scope)
WHERE (:system = '' OR c.system = :system)
  AND (:person = '' OR c.employee_id = :person OR c.source || '/' || c.employee_id = :person)
  AND (:entitlement = '' OR lower(c.entitlement) = lower(:entitlement) OR c.entitlement_id = :entitlement)
ORDER BY 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 15
