-- title: For each leaver in the period: effective, in roster, blocked per system, hours to each, within SLA; worst first
-- about: The population is everybody whose access ended in the period, as the newest
-- night of the period knew them; who has no account has one row without a system. The
-- clocks run from access_ends_at. --days is the SLA. Hours stay empty until it was read
-- that nothing of the account can be used; within_sla is then judged at the newest night.
-- parameters: from date, to date, days count 1, person text, system text
-- columns: source, employee_id, name, access_ends_at, first_seen_left_at, system, scope, account_id, blocked_verified_at, hours_to_block, removed_verified_at, hours_to_remove, within_sla
-- period: runs, identities, endings
WITH newest AS (
  SELECT max(run_id) AS run_id FROM nights WHERE date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
), known AS (
  SELECT i.*, row_number() OVER (PARTITION BY i.source, i.employee_id ORDER BY i.run_id DESC) AS nth
  FROM identities i JOIN newest n ON i.run_id <= n.run_id
  WHERE i.standing = 'left' AND i.date >= CAST(:from AS DATE)
), leavers AS (
  SELECT * FROM known
  WHERE nth = 1 AND CAST(access_ends_at AS DATE) BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
    AND (:person = '' OR employee_id = :person OR source || '/' || employee_id = :person)
), clocks AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.system, e.scope, e.account_id, e.source, e.employee_id ORDER BY e.run_id DESC) AS nth
  FROM endings e WHERE e.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
)
SELECT l.source, l.employee_id, l.name, l.access_ends_at, l.first_seen_left_at, c.system, c.scope, c.account_id,
       c.blocked_verified_at, hours_between(l.access_ends_at, c.blocked_verified_at) AS hours_to_block,
       c.removed_verified_at, hours_between(l.access_ends_at, c.removed_verified_at) AS hours_to_remove,
       CASE WHEN c.account_id IS NULL THEN NULL
            ELSE hours_between(l.access_ends_at, COALESCE(c.blocked_verified_at, r.started_at)) <= 24 * CAST(:days AS BIGINT) END AS within_sla
FROM leavers l
CROSS JOIN newest n
LEFT JOIN runs r ON r.run_id = n.run_id
LEFT JOIN clocks c ON c.source = l.source AND c.employee_id = l.employee_id AND c.nth = 1
WHERE :system = '' OR c.system = :system
ORDER BY CASE WHEN c.account_id IS NULL THEN 2 WHEN c.blocked_verified_at IS NULL THEN 0 ELSE 1 END,
         hours_to_block DESC, l.source, l.employee_id, c.system, c.scope, c.account_id
