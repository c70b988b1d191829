-- title: Re-perform: given the facts of the night, do its decisions follow?
-- about: One row for each rule of the night, worked out again in SQL from the facts alone:
-- how many cases it applies to, in how many the record agrees, and in how many it does
-- not, with the first of those. differs must be 0.
-- parameters: date date
-- columns: night, rule, cases, agrees, differs, first_difference
-- nights: date
WITH night AS (
  SELECT max(run_id) AS run_id FROM nights WHERE date <= CAST(:date AS DATE)
), cases AS (
  SELECT 'an active account of somebody who has left, with a way in, has a finding' AS rule, a.system || '/' || a.account_id AS subject,
         CASE WHEN EXISTS (SELECT 1 FROM findings f WHERE f.run_id = a.run_id AND f.system = a.system AND f.account_id = a.account_id AND f.kind IN ('leaver_access', 'protected_leaver')) THEN 1 ELSE 0 END AS agrees
  FROM accounts a JOIN night n ON n.run_id = a.run_id
  JOIN identities i ON i.run_id = a.run_id AND i.source = a.source AND i.employee_id = a.employee_id
  JOIN runs r ON r.run_id = a.run_id
  WHERE a.status = 'active' AND i.standing = 'left'
    AND NOT EXISTS (SELECT 1 FROM endings b WHERE b.run_id = a.run_id AND b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id AND b.blocked_verified_at < r.started_at)
  UNION ALL
  SELECT 'who is told to have left has left, or is on garden leave', f.finding_id,
         CASE WHEN i.standing IN ('left', 'garden_leave') THEN 1 ELSE 0 END
  FROM findings f JOIN night n ON n.run_id = f.run_id
  LEFT JOIN identities i ON i.run_id = f.run_id AND i.source = f.source AND i.employee_id = f.employee_id
  WHERE f.kind = 'leaver_access'
  UNION ALL
  SELECT 'access ended before the night for everybody who has left', i.source || '/' || i.employee_id,
         CASE WHEN i.access_ends_at <= r.started_at THEN 1 ELSE 0 END
  FROM identities i JOIN night n ON n.run_id = i.run_id JOIN runs r ON r.run_id = i.run_id
  WHERE i.standing = 'left' AND i.access_ends_at IS NOT NULL
  UNION ALL
  SELECT 'an account that nobody matches has a finding', a.system || '/' || a.account_id,
         CASE WHEN EXISTS (SELECT 1 FROM findings f WHERE f.run_id = a.run_id AND f.system = a.system AND f.account_id = a.account_id AND f.kind IN ('orphan_account', 'ambiguous_match')) THEN 1 ELSE 0 END
  FROM accounts a JOIN night n ON n.run_id = a.run_id
  WHERE a.match IN ('unmatched', 'ambiguous') AND a.status <> 'disabled'
  UNION ALL
  SELECT 'an expected right cites a line of the policy of that night', g.system || '/' || g.account_id || '/' || g.entitlement_id,
         CASE WHEN EXISTS (SELECT 1 FROM rules r WHERE r.run_id = g.run_id AND r.file || ' row ' || CAST(r.line AS VARCHAR(20)) = g.cites)
                OR EXISTS (SELECT 1 FROM exceptions x WHERE x.run_id = g.run_id AND x.file || ' row ' || CAST(x.line AS VARCHAR(20)) = g.cites) THEN 1 ELSE 0 END
  FROM grants g JOIN night n ON n.run_id = g.run_id
  WHERE g.expected AND g.cites <> ''
  UNION ALL
  SELECT 'a change rests on a finding of that night', a.action_id,
         CASE WHEN EXISTS (SELECT 1 FROM findings f WHERE f.run_id = a.run_id AND f.finding_id = a.finding_id) THEN 1 ELSE 0 END
  FROM actions a JOIN night n ON n.run_id = a.run_id
  WHERE a.finding_id <> '' AND a.stage <> 'restore' AND a.detail NOT LIKE '%found in the journal of run %'
)
SELECT n.run_id AS night, c.rule, count(*) AS cases, sum(c.agrees) AS agrees, count(*) - sum(c.agrees) AS differs,
       COALESCE(min(CASE WHEN c.agrees = 0 THEN c.subject END), '') AS first_difference
FROM cases c CROSS JOIN night n
GROUP BY n.run_id, c.rule
ORDER BY c.rule
