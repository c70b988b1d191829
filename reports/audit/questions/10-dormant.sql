-- title: Dormant: unused for 35, 45 or 90 days, and still enabled; what was done
-- about: One row for each active account that was not used for --days or more; of one never
-- used, the days since it was made. An account of which the system does not say when it
-- was used is not judged. finding and disposition: what the night made of it; last_action: what rollcall did to the
-- account last, last_review: the last answer of a review about it or one of its rights.
-- parameters: date date, days count 35, system text, person text
-- columns: band, source, employee_id, system, scope, account_id, login, privileged, created_at, last_used_at, days_unused, finding, disposition, last_action, last_action_at, last_review, last_reviewed_at
-- nights: date
-- history: actions, decisions
WITH night AS (
  SELECT run_id, CAST(started_at AS DATE) AS day FROM nights WHERE run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
), judged AS (
  SELECT a.*, days_between(CAST(COALESCE(a.last_used_at, a.created_at) AS DATE), n.day) AS days_unused
  FROM accounts a JOIN night n ON n.run_id = a.run_id
  WHERE a.status = 'active' AND a.usage_known
), unused AS (
  SELECT * FROM judged
  WHERE days_unused >= CAST(:days AS BIGINT)
    AND (:system = '' OR system = :system)
    AND (:person = '' OR employee_id = :person OR source || '/' || employee_id = :person)
), acted AS (
  SELECT x.system, x.account_scope, x.account_id, x.verb, x.outcome, COALESCE(x.verified_at, x.sent_at, x.planned_at) AS acted_at,
         row_number() OVER (PARTITION BY x.system, x.account_scope, x.account_id ORDER BY x.run_id DESC, COALESCE(x.verified_at, x.sent_at, x.planned_at) DESC, x.action_id) AS nth
  FROM actions x JOIN unused u ON u.system = x.system AND u.scope = x.account_scope AND u.account_id = x.account_id
  WHERE x.date <= CAST(:date AS DATE)
), reviewed AS (
  SELECT d.system, d.account_scope, d.account_id, d.decision, d.received_at,
         row_number() OVER (PARTITION BY d.system, d.account_scope, d.account_id ORDER BY d.received_at DESC, d.run_id DESC, d.row_id, d.decision) AS nth
  FROM decisions d JOIN unused u ON u.system = d.system AND u.scope = d.account_scope AND u.account_id = d.account_id
  WHERE d.decision IN ('validate', 'modify', 'revoke') AND d.date <= CAST(:date AS DATE)
)
SELECT CASE WHEN u.days_unused >= 90 THEN '90 days' WHEN u.days_unused >= 45 THEN '45 days' WHEN u.days_unused >= 35 THEN '35 days' ELSE 'below 35 days' END AS band,
       u.source, u.employee_id, u.system, u.scope, u.account_id, u.login, u.privileged, u.created_at, u.last_used_at, u.days_unused,
       COALESCE(max(f.kind), '') AS finding, COALESCE(max(f.disposition), '') AS disposition,
       max(c.verb || ': ' || c.outcome) AS last_action, max(c.acted_at) AS last_action_at, COALESCE(max(v.decision), '') AS last_review, max(v.received_at) AS last_reviewed_at
FROM unused u
LEFT JOIN findings f ON f.run_id = u.run_id AND f.system = u.system AND (u.scope = '' OR f.scope = u.scope) AND f.account_id = u.account_id AND f.kind IN ('dormant_access', 'leaver_access', 'stale_key')
LEFT JOIN acted c ON c.system = u.system AND c.account_scope = u.scope AND c.account_id = u.account_id AND c.nth = 1
LEFT JOIN reviewed v ON v.system = u.system AND v.account_scope = u.scope AND v.account_id = u.account_id AND v.nth = 1
GROUP BY u.source, u.employee_id, u.system, u.scope, u.account_id, u.login, u.privileged, u.created_at, u.last_used_at, u.days_unused
ORDER BY u.days_unused DESC, u.source, u.employee_id, u.system, u.scope, u.account_id
