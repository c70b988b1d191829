-- title: Re-perform: given the facts of the night, do its decisions follow?
-- about: One row for each rule of the night, worked out again in SQL from the facts alone:
-- how many cases it applies to, in how many the record agrees, and in how many it does
-- not, with the first of those. differs must be 0. The whole night, decided anew by the
-- program from its archived inputs: rollcall audit replay --run RUN, with the run that
-- stands under night.
-- parameters: date date
-- columns: night, rule, cases, agrees, differs, first_difference
-- nights: date
WITH night AS (
  SELECT r.run_id, r.started_at FROM runs r WHERE r.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
), told AS (
  SELECT f.* FROM findings f JOIN night n ON n.run_id = f.run_id
), leavers_told AS (
  SELECT DISTINCT system, account_id FROM told WHERE kind IN ('leaver_access', 'protected_leaver')
), strangers_told AS (
  SELECT DISTINCT system, account_id FROM told WHERE kind IN ('orphan_account', 'ambiguous_match')
), shut AS (
  SELECT DISTINCT b.system, b.scope, b.account_id FROM endings b JOIN night n ON n.run_id = b.run_id WHERE b.blocked_verified_at <= n.started_at
), assigned AS (
  SELECT DISTINCT g.system, g.account_scope, g.account_id FROM grants g JOIN night n ON n.run_id = g.run_id WHERE g.direct AND g.kind = 'permission_set'
), policy AS (
  SELECT DISTINCT r.file || ' row ' || CAST(r.line AS VARCHAR(20)) AS line FROM rules r JOIN night n ON n.run_id = r.run_id
  UNION
  SELECT DISTINCT x.file || ' row ' || CAST(x.line AS VARCHAR(20)) AS line FROM exceptions x JOIN night n ON n.run_id = x.run_id
), reasons AS (
  SELECT DISTINCT finding_id FROM told
), cases AS (
  SELECT 'an active account of somebody who has left, with a way in, has a finding' AS rule, a.system || '/' || a.account_id AS subject,
         CASE WHEN t.account_id IS NOT NULL THEN 1 ELSE 0 END AS agrees
  FROM accounts a JOIN night n ON n.run_id = a.run_id
  JOIN identities i ON i.run_id = a.run_id AND i.source = a.source AND i.employee_id = a.employee_id
  LEFT JOIN leavers_told t ON t.system = a.system AND t.account_id = a.account_id
  LEFT JOIN shut b ON b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id
  LEFT JOIN assigned g ON g.system = a.system AND g.account_scope = a.scope AND g.account_id = a.account_id
  WHERE a.status = 'active' AND i.standing = 'left' AND b.account_id IS NULL AND (a.upstream = '' OR g.account_id IS NOT NULL)
  UNION ALL
  SELECT 'who is told to have left has left, or is on garden leave', f.finding_id,
         CASE WHEN i.standing IN ('left', 'garden_leave') THEN 1 ELSE 0 END
  FROM told f
  LEFT JOIN identities i ON i.run_id = f.run_id AND i.source = f.source AND i.employee_id = f.employee_id
  WHERE f.kind = 'leaver_access'
  UNION ALL
  SELECT 'access ended before the night for everybody who has left', i.source || '/' || i.employee_id,
         CASE WHEN i.access_ends_at <= n.started_at THEN 1 ELSE 0 END
  FROM identities i JOIN night n ON n.run_id = i.run_id
  WHERE i.standing = 'left' AND i.access_ends_at IS NOT NULL
  UNION ALL
  SELECT 'an account that nobody matches has a finding', a.system || '/' || a.account_id,
         CASE WHEN t.account_id IS NOT NULL THEN 1 ELSE 0 END
  FROM accounts a JOIN night n ON n.run_id = a.run_id
  LEFT JOIN strangers_told t ON t.system = a.system AND t.account_id = a.account_id
  WHERE a.match IN ('unmatched', 'ambiguous') AND a.status <> 'disabled'
  UNION ALL
  SELECT 'an expected right cites a line of the policy of that night', g.system || '/' || g.account_id || '/' || g.entitlement_id,
         CASE WHEN p.line IS NOT NULL THEN 1 ELSE 0 END
  FROM grants g JOIN night n ON n.run_id = g.run_id
  LEFT JOIN policy p ON p.line = g.cites
  WHERE g.expected AND g.cites <> ''
  UNION ALL
  SELECT 'a change rests on a finding of that night', a.action_id,
         CASE WHEN t.finding_id IS NOT NULL THEN 1 ELSE 0 END
  FROM actions a JOIN night n ON n.run_id = a.run_id
  LEFT JOIN reasons t ON t.finding_id = a.finding_id
  WHERE a.finding_id <> '' AND a.stage <> 'restore' AND a.detail NOT LIKE '%found in the journal of run %'
)
SELECT n.run_id AS night, c.rule, count(*) AS cases, sum(c.agrees) AS agrees, count(*) - sum(c.agrees) AS differs,
       COALESCE(min(CASE WHEN c.agrees = 0 THEN c.subject END), '') AS first_difference
FROM cases c CROSS JOIN night n
GROUP BY n.run_id, c.rule
ORDER BY c.rule
