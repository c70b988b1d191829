-- title: Completeness: accounts per system per source, against the snapshot, its parts and the worksheets; difference 0
-- about: One row for each read of the night. For reads that list accounts: as many archived
-- as were received, and each in exactly one part; difference is received minus archived
-- plus archived minus the parts, and must be 0. root is the root user of an AWS account,
-- which is archived and is in no list. A claimed_total of -1: the API gives none.
-- review is --campaign, else the newest that was open by --date: in_worksheets are the
-- accounts that it asked about, and the rest are excluded, each for one reason: of
-- somebody who has left or is on garden leave (the night ends it), disabled, root, holding nothing, or other
-- (made since the review began, or outside of its scope). Ask on the day when it began.
-- parameters: date date, campaign text, system text
-- columns: night, system, scope, kind, complete, gap, requests, pages, received, claimed_total, archived, matched, nonhuman, ambiguous, unmatched, root, difference, review, in_worksheets, excluded_left, excluded_disabled, excluded_root, excluded_holds_nothing, excluded_other, sha256, caller, started_at, finished_at
-- nights: date
-- history: items
WITH night AS (
  SELECT max(run_id) AS run_id FROM nights WHERE date <= CAST(:date AS DATE)
), opened AS (
  SELECT campaign_id, min(run_id) AS run_id FROM items
  WHERE date <= CAST(:date AS DATE) AND (:campaign = '' OR campaign_id = :campaign) GROUP BY campaign_id
), review AS (
  SELECT max(campaign_id) AS campaign_id FROM opened WHERE run_id = (SELECT max(run_id) FROM opened)
), asked AS (
  SELECT DISTINCT i.system, i.account_scope, i.account_id FROM items i JOIN review r ON r.campaign_id = i.campaign_id
), holds AS (
  SELECT DISTINCT g.system, g.account_scope, g.account_id FROM grants g JOIN night n ON n.run_id = g.run_id
), parted AS (
  SELECT a.run_id, a.system, a."read", a.match,
         CASE WHEN q.account_id IS NOT NULL THEN 'asked' WHEN a.match = 'root' THEN 'root' WHEN i.standing IN ('left', 'garden_leave') THEN 'left'
              WHEN a.status = 'disabled' THEN 'disabled' WHEN h.account_id IS NULL THEN 'holds nothing' ELSE 'other' END AS part
  FROM accounts a JOIN night n ON n.run_id = a.run_id
  LEFT JOIN asked q ON q.system = a.system AND q.account_scope = a.scope AND q.account_id = a.account_id
  LEFT JOIN holds h ON h.system = a.system AND h.account_scope = a.scope AND h.account_id = a.account_id
  LEFT JOIN identities i ON i.run_id = a.run_id AND i.source = a.source AND i.employee_id = a.employee_id
), listed AS (
  SELECT run_id, system, "read", count(*) AS archived,
         sum(CASE WHEN match IN ('link', 'hr_id', 'email') THEN 1 ELSE 0 END) AS matched,
         sum(CASE WHEN match = 'nonhuman' THEN 1 ELSE 0 END) AS nonhuman,
         sum(CASE WHEN match = 'ambiguous' THEN 1 ELSE 0 END) AS ambiguous,
         sum(CASE WHEN match = 'unmatched' THEN 1 ELSE 0 END) AS unmatched,
         sum(CASE WHEN match = 'root' THEN 1 ELSE 0 END) AS root,
         sum(CASE WHEN part = 'asked' THEN 1 ELSE 0 END) AS in_worksheets,
         sum(CASE WHEN part = 'left' THEN 1 ELSE 0 END) AS excluded_left,
         sum(CASE WHEN part = 'disabled' THEN 1 ELSE 0 END) AS excluded_disabled,
         sum(CASE WHEN part = 'root' THEN 1 ELSE 0 END) AS excluded_root,
         sum(CASE WHEN part = 'holds nothing' THEN 1 ELSE 0 END) AS excluded_holds_nothing,
         sum(CASE WHEN part = 'other' THEN 1 ELSE 0 END) AS excluded_other
  FROM parted GROUP BY run_id, system, "read"
)
SELECT r.run_id AS night, r.system, r.scope, r.kind, r.complete, r.gap, r.requests, r.pages, r.records AS received, r.claimed_total,
       l.archived, l.matched, l.nonhuman, l.ambiguous, l.unmatched, l.root,
       CASE WHEN r.lists THEN abs(r.records - COALESCE(l.archived - l.root, 0)) + abs(COALESCE(l.archived - l.matched - l.nonhuman - l.ambiguous - l.unmatched - l.root, 0)) END AS difference,
       CASE WHEN r.lists THEN COALESCE(v.campaign_id, '') ELSE '' END AS review,
       CASE WHEN v.campaign_id <> '' THEN l.in_worksheets END AS in_worksheets, CASE WHEN v.campaign_id <> '' THEN l.excluded_left END AS excluded_left,
       CASE WHEN v.campaign_id <> '' THEN l.excluded_disabled END AS excluded_disabled, CASE WHEN v.campaign_id <> '' THEN l.excluded_root END AS excluded_root,
       CASE WHEN v.campaign_id <> '' THEN l.excluded_holds_nothing END AS excluded_holds_nothing, CASE WHEN v.campaign_id <> '' THEN l.excluded_other END AS excluded_other,
       r.sha256, r.caller, r.started_at, r.finished_at
FROM "reads" r
JOIN night n ON n.run_id = r.run_id
CROSS JOIN review v
LEFT JOIN listed l ON l.run_id = r.run_id AND l.system = r.system
  AND l."read" = CASE WHEN r.scope = '' THEN r.system || '/' || r.kind ELSE r.system || '/' || r.scope || '/' || r.kind END
WHERE :system = '' OR r.system = :system
ORDER BY r.system, r.scope, r.kind
