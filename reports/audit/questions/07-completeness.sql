-- title: Completeness: accounts per system per source, against the snapshot and its parts, difference 0
-- about: One row for each read of the night. For reads that list accounts: as many archived
-- as were received, and each in exactly one part; difference is received minus archived
-- plus archived minus the parts, and must be 0. root is the root user of an AWS account,
-- which is archived and is in no list. A claimed_total of -1: the API gives none.
-- parameters: date date, system text
-- columns: night, system, scope, kind, complete, gap, requests, pages, received, claimed_total, archived, matched, nonhuman, ambiguous, unmatched, root, difference, sha256, caller, started_at, finished_at
-- nights: date
WITH listed AS (
  SELECT run_id, system, "read", count(*) AS archived,
         sum(CASE WHEN match IN ('link', 'hr_id', 'email') THEN 1 ELSE 0 END) AS matched,
         sum(CASE WHEN match = 'nonhuman' THEN 1 ELSE 0 END) AS nonhuman,
         sum(CASE WHEN match = 'ambiguous' THEN 1 ELSE 0 END) AS ambiguous,
         sum(CASE WHEN match = 'unmatched' THEN 1 ELSE 0 END) AS unmatched,
         sum(CASE WHEN match = 'root' THEN 1 ELSE 0 END) AS root
  FROM accounts GROUP BY run_id, system, "read"
)
SELECT r.run_id AS night, r.system, r.scope, r.kind, r.complete, r.gap, r.requests, r.pages, r.records AS received, r.claimed_total,
       l.archived, l.matched, l.nonhuman, l.ambiguous, l.unmatched, l.root,
       CASE WHEN r.lists THEN abs(r.records - COALESCE(l.archived - l.root, 0)) + abs(COALESCE(l.archived - l.matched - l.nonhuman - l.ambiguous - l.unmatched - l.root, 0)) END AS difference,
       r.sha256, r.caller, r.started_at, r.finished_at
FROM "reads" r
LEFT JOIN listed l ON l.run_id = r.run_id AND l.system = r.system
  AND l."read" = CASE WHEN r.scope = '' THEN r.system || '/' || r.kind ELSE r.system || '/' || r.scope || '/' || r.kind END
WHERE r.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
  AND (:system = '' OR r.system = :system)
ORDER BY r.system, r.scope, r.kind
