-- title: Altered since sign-off? Who overrode what: approvals that released what a guard held, orders for one person, restores
-- about: One row for each approval that a run let count or refused (those that are spent are
-- not told again), and each change that somebody ordered or undid, also where a later run
-- found it in the journal of one that was interrupted. Whether anything was
-- altered since it was signed: under this answer stands that the signature of every manifest
-- and the chain were checked, and every file that the answer rests on; rollcall audit verify
-- checks every byte of the archive. Who read it, the log of the store knows.
-- parameters: from date, to date, person text
-- columns: happened_at, what, run_id, who, guard, scope, number, counted, source, employee_id, system, account_id, verb, outcome, reason, ticket, detail
-- period: runs, approvals, actions
WITH looked_at AS (
  SELECT a.*, COALESCE(a.spent_at, r.started_at) AS looked_at,
         row_number() OVER (PARTITION BY a.approval_id, a.file, a.file_sha256, a.counted, a.detail ORDER BY a.run_id) AS nth
  FROM approvals a JOIN runs r ON r.run_id = a.run_id
  WHERE a.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE) AND (a.counted OR a.detail NOT LIKE 'it is spent%')
), happened AS (
  SELECT looked_at AS happened_at, 'approval' AS what, run_id, approved_by AS who, guard, scope, "count" AS number,
         counted, '' AS source, '' AS employee_id, '' AS system, '' AS account_id, '' AS verb, '' AS outcome, reason, '' AS ticket, detail
  FROM looked_at WHERE nth = 1
  UNION ALL
  SELECT COALESCE(a.verified_at, a.sent_at, a.planned_at, r.started_at), CASE WHEN a.stage = 'restore' THEN 'restore' ELSE 'order' END, a.run_id,
         COALESCE(NULLIF(a.ordered_by, ''), NULLIF(a.actor, ''), r.actor), '', '', 1, TRUE, a.source, a.employee_id, a.system, a.account_id, a.verb, a.outcome, a.reason, a.ticket, a.detail
  FROM actions a JOIN runs r ON r.run_id = a.run_id
  WHERE (a.stage = 'restore' OR a.ordered_by <> '' OR r."trigger" = 'revoke' AND a.detail NOT LIKE '%found in the journal of run %') AND a.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
)
SELECT happened_at, what, run_id, who, guard, scope, number, counted, source, employee_id, system, account_id, verb, outcome, reason, ticket, detail
FROM happened
WHERE :person = '' OR employee_id = :person OR source || '/' || employee_id = :person
ORDER BY happened_at, what, run_id, who, guard, scope, system, account_id, verb, detail
