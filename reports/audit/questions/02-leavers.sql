-- title: For each leaver in the period: effective, in roster, blocked per system, hours to each, within SLA; worst first
-- about: The population is everybody whose access ended in the period, as the runs of the
-- period and of the 31 days after it knew them (whose last day is the last of the period is
-- told a day later), but for orders by hand, and garden leave until they have left; of somebody who left twice, the last time. Besides,
-- everybody of whom a list first said in the period that their access had ended more than 31 days before, which that
-- earlier period may not know, but for those whom the archive's first night found so. Who
-- has no account has one row without a system. The clocks run from access_ends_at. --days is
-- the SLA. Who was blocked before, by an order, has 0 hours. Hours stay empty until it was read that nothing of the account can be used;
-- within_sla is then judged at the newest night. An account that signs in through another
-- system is blocked when it was read that the person is blocked there too. now_is: what the person is on the
-- newest of these nights (active: they are back, or it was a mistake).
-- parameters: from date, to date, days count 1, person text, system text
-- columns: source, employee_id, name, now_is, access_ends_at, first_seen_left_at, system, scope, account_id, blocked_verified_at, hours_to_block, removed_verified_at, hours_to_remove, within_sla
-- period: runs, identities, endings
-- later: 31
-- nights: to?
WITH newest AS (
  SELECT max(run_id) AS run_id FROM nights WHERE date BETWEEN CAST(:from AS DATE) AND add_days(CAST(:to AS DATE), 31)
), told AS (
  SELECT i.*, CASE WHEN i.standing = 'left' THEN 1 ELSE 0 END AS gone
  FROM identities i JOIN runs r ON r.run_id = i.run_id
  WHERE r."trigger" NOT IN ('revoke', 'restore') AND i.date BETWEEN CAST(:from AS DATE) AND add_days(CAST(:to AS DATE), 31)
), ranked AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.source, t.employee_id, t.gone ORDER BY t.run_id DESC) AS nth,
         row_number() OVER (PARTITION BY t.source, t.employee_id ORDER BY t.run_id DESC) AS nth_of_all
  FROM told t
), leavers AS (
  SELECT g.*, COALESCE(l.standing, '') AS now_is
  FROM ranked g
  LEFT JOIN ranked l ON l.source = g.source AND l.employee_id = g.employee_id AND l.nth_of_all = 1
  LEFT JOIN runs b ON b.previous_run_id = '' AND b.started_at = g.first_seen_left_at
  WHERE g.gone = 1 AND g.nth = 1
    AND (CAST(g.access_ends_at AS DATE) BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
         OR b.run_id IS NULL AND CAST(g.access_ends_at AS DATE) < CAST(:from AS DATE) AND CAST(g.first_seen_left_at AS DATE) BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
            AND days_between(CAST(g.access_ends_at AS DATE), CAST(g.first_seen_left_at AS DATE)) > 31)
    AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
), read_clocks AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.system, e.scope, e.account_id, e.source, e.employee_id ORDER BY e.run_id DESC) AS nth
  FROM endings e WHERE e.date BETWEEN CAST(:from AS DATE) AND add_days(CAST(:to AS DATE), 31)
), from_upstream AS (
  SELECT DISTINCT system, scope, account_id FROM accounts WHERE upstream <> ''
), own_clocks AS (
  SELECT c.*, CASE WHEN u.account_id IS NULL THEN 0 ELSE 1 END AS signs_in_elsewhere
  FROM read_clocks c
  LEFT JOIN from_upstream u ON u.system = c.system AND u.scope = c.scope AND u.account_id = c.account_id
  WHERE c.nth = 1
), elsewhere AS (
  SELECT c.source, c.employee_id, c.system, c.scope, c.account_id, count(*) - count(o.blocked_verified_at) AS still_open, max(o.blocked_verified_at) AS blocked_at
  FROM own_clocks c
  JOIN own_clocks o ON o.source = c.source AND o.employee_id = c.employee_id AND o.system <> c.system AND o.signs_in_elsewhere = 0
  WHERE c.signs_in_elsewhere = 1
  GROUP BY c.source, c.employee_id, c.system, c.scope, c.account_id
), clocks AS (
  SELECT c.source, c.employee_id, c.system, c.scope, c.account_id, c.removed_verified_at,
         CASE WHEN e.still_open > 0 THEN NULL WHEN e.blocked_at > c.blocked_verified_at THEN e.blocked_at ELSE c.blocked_verified_at END AS blocked_verified_at
  FROM own_clocks c
  LEFT JOIN elsewhere e ON e.source = c.source AND e.employee_id = c.employee_id AND e.system = c.system AND e.scope = c.scope AND e.account_id = c.account_id
)
SELECT l.source, l.employee_id, l.name, l.now_is, l.access_ends_at, l.first_seen_left_at, c.system, c.scope, c.account_id,
       c.blocked_verified_at, CASE WHEN c.blocked_verified_at < l.access_ends_at THEN 0 ELSE hours_between(l.access_ends_at, c.blocked_verified_at) END AS hours_to_block,
       c.removed_verified_at, CASE WHEN c.removed_verified_at < l.access_ends_at THEN 0 ELSE hours_between(l.access_ends_at, c.removed_verified_at) END AS hours_to_remove,
       CASE WHEN c.account_id IS NULL THEN NULL
            ELSE hours_between(l.access_ends_at, COALESCE(c.blocked_verified_at, r.started_at)) <= 24 * CAST(:days AS BIGINT) END AS within_sla
FROM leavers l
CROSS JOIN newest n
LEFT JOIN runs r ON r.run_id = n.run_id
LEFT JOIN clocks c ON c.source = l.source AND c.employee_id = l.employee_id
WHERE :system = '' OR c.system = :system
ORDER BY CASE WHEN c.account_id IS NULL THEN 2 WHEN c.blocked_verified_at IS NULL THEN 0 ELSE 1 END,
         hours_to_block DESC, l.source, l.employee_id, c.system, c.scope, c.account_id
