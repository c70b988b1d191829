-- title: Service, shared and break-glass accounts: owner, last review, last use, last secret change; owned by leavers
-- about: One row for each line of the night's register, with the account that it names; a
-- line whose account is nowhere has an empty account_id. owner_left: the owner's id is of
-- somebody who had left, or of nobody on the lists.
-- parameters: date date, system text
-- columns: system, scope, account, account_id, kind, purpose, owner_id, owner_name, owner_left, review_by, review_overdue, last_reviewed_at, status, last_used_at, usage_known, secret_made_at
-- nights: date
-- history: decisions
WITH night AS (
  SELECT run_id, CAST(started_at AS DATE) AS day FROM nights WHERE run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
), secrets AS (
  SELECT g.run_id, g.system, g.account_scope, g.account_id, max(e.created_at) AS made_at
  FROM grants g
  JOIN entitlements e ON e.run_id = g.run_id AND e.system = g.system AND e.scope = g.scope AND e.kind = g.kind AND e.entitlement_id = g.entitlement_id
  WHERE e.kind IN ('api_token', 'access_key', 'ssh_key', 'signing_certificate', 'service_credential', 'console_login') GROUP BY g.run_id, g.system, g.account_scope, g.account_id
), reviewed AS (
  SELECT system, account_scope, account_id, max(received_at) AS reviewed_at FROM decisions
  WHERE decision IN ('validate', 'modify', 'revoke') AND date <= CAST(:date AS DATE) GROUP BY system, account_scope, account_id
), owners AS (
  SELECT run_id, employee_id, min(name) AS name, min(CASE WHEN standing = 'left' THEN 1 ELSE 0 END) AS has_left FROM identities GROUP BY run_id, employee_id
)
SELECT h.system, h.scope, h.account, COALESCE(a.account_id, '') AS account_id, h.kind, h.purpose, h.owner_id, COALESCE(o.name, '') AS owner_name,
       h.owner_id <> '' AND COALESCE(o.has_left, 1) = 1 AS owner_left,
       h.review_by, CASE WHEN h.review_by = '' THEN NULL ELSE CAST(substr(h.review_by, 1, 10) AS DATE) < n.day END AS review_overdue,
       v.reviewed_at AS last_reviewed_at, COALESCE(a.status, '') AS status, a.last_used_at, a.usage_known, s.made_at AS secret_made_at
FROM nonhuman h
JOIN night n ON n.run_id = h.run_id
LEFT JOIN accounts a ON a.run_id = h.run_id AND a.system = h.system AND (h.scope = '' OR a.scope = h.scope) AND (lower(a.login) = lower(h.account) OR a.account_id = h.account)
LEFT JOIN owners o ON o.run_id = h.run_id AND o.employee_id = h.owner_id
LEFT JOIN secrets s ON s.run_id = a.run_id AND s.system = a.system AND s.account_scope = a.scope AND s.account_id = a.account_id
LEFT JOIN reviewed v ON v.system = a.system AND v.account_scope = a.scope AND v.account_id = a.account_id
WHERE :system = '' OR h.system = :system
ORDER BY h.system, h.scope, h.account, a.account_id NULLS LAST, h.line
