-- title: Who overrode what: approvals that released what a guard held, orders for one person, restores
-- about: One row for each approval file that a run looked at, and each change that somebody
-- ordered or undid. Whether anything was altered since it was signed: every manifest's
-- signature and every file that this answer rests on was checked before it was given;
-- rollcall audit verify checks all of the archive.
-- parameters: from date, to date, person text
-- columns: happened_at, what, run_id, who, guard, number, counted, source, employee_id, system, account_id, verb, outcome, reason, ticket, detail
-- period: runs, approvals, actions
WITH happened AS (
  SELECT COALESCE(a.spent_at, a.created_at, r.started_at) AS happened_at, 'approval' AS what, a.run_id, a.approved_by AS who, a.guard, a."count" AS number,
         a.counted, '' AS source, '' AS employee_id, '' AS system, '' AS account_id, '' AS verb, '' AS outcome, a.reason, '' AS ticket, a.detail
  FROM approvals a JOIN runs r ON r.run_id = a.run_id
  WHERE a.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
  UNION ALL
  SELECT COALESCE(a.verified_at, a.sent_at, a.planned_at, r.started_at), CASE WHEN a.stage = 'restore' THEN 'restore' ELSE 'order' END, a.run_id,
         COALESCE(NULLIF(a.ordered_by, ''), r.actor), '', 1, TRUE, a.source, a.employee_id, a.system, a.account_id, a.verb, a.outcome, a.reason, a.ticket, a.detail
  FROM actions a JOIN runs r ON r.run_id = a.run_id
  WHERE (r."trigger" IN ('revoke', 'restore') OR a.ordered_by <> '') AND a.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
)
SELECT happened_at, what, run_id, who, guard, number, counted, source, employee_id, system, account_id, verb, outcome, reason, ticket, detail
FROM happened
WHERE :person = '' OR employee_id = :person OR source || '/' || employee_id = :person
ORDER BY happened_at, what, run_id, who, system, account_id, verb, detail
