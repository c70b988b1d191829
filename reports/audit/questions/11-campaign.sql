-- title: Campaign Q: issued, answered, late, passed on, self-review attempts, decisions per reviewer; sign-off times; rubber-stamp signals
-- about: One row for each reviewer's worksheet. Of several answers about one row the last
-- counts; a row without one is open. signal: every answer of 20 or more is Keep, and none
-- has a reason. late: answers after the day the campaign was due.
-- parameters: campaign text, to date
-- columns: campaign_id, worksheet_id, reviewer, reviewer_name, because, issued_at, due_on, issued, answered, open, kept, changed, removed, passed_on, self_review_attempts, late, first_answer_at, last_answer_at, files_received, signal
-- history: worksheets, items, decisions
WITH sheets AS (
  SELECT campaign_id, worksheet_id, min(reviewer) AS reviewer, max(reviewer_name) AS reviewer_name, max(because) AS because,
         min(issued_at) AS issued_at, max(due_on) AS due_on
  FROM worksheets
  WHERE campaign_id <> '' AND received_at IS NULL AND (:campaign = '' OR campaign_id = :campaign) AND date <= CAST(:to AS DATE)
  GROUP BY campaign_id, worksheet_id
), files AS (
  SELECT campaign_id, worksheet_id, count(*) AS files FROM worksheets
  WHERE received_at IS NOT NULL AND date <= CAST(:to AS DATE) GROUP BY campaign_id, worksheet_id
), asked AS (
  SELECT campaign_id, worksheet_id, count(DISTINCT row_id) AS issued FROM items
  WHERE date <= CAST(:to AS DATE) GROUP BY campaign_id, worksheet_id
), ordered AS (
  SELECT d.*, row_number() OVER (PARTITION BY campaign_id, worksheet_id, row_id ORDER BY received_at DESC, run_id DESC, revision DESC, decision) AS nth
  FROM decisions d WHERE d.decision <> 'blocked_self_review' AND d.date <= CAST(:to AS DATE)
), own AS (
  SELECT campaign_id, worksheet_id, count(*) AS attempts FROM decisions
  WHERE decision = 'blocked_self_review' AND date <= CAST(:to AS DATE) GROUP BY campaign_id, worksheet_id
), answers AS (
  SELECT o.campaign_id, o.worksheet_id,
         sum(CASE WHEN o.decision IN ('validate', 'modify', 'revoke', 'reassign') THEN 1 ELSE 0 END) AS answered,
         sum(CASE WHEN o.decision = 'validate' THEN 1 ELSE 0 END) AS kept,
         sum(CASE WHEN o.decision = 'modify' THEN 1 ELSE 0 END) AS changed,
         sum(CASE WHEN o.decision = 'revoke' THEN 1 ELSE 0 END) AS removed,
         sum(CASE WHEN o.decision = 'reassign' THEN 1 ELSE 0 END) AS passed_on,
         sum(CASE WHEN o.decision IN ('validate', 'modify', 'revoke') AND CAST(o.received_at AS DATE) > s.due_on THEN 1 ELSE 0 END) AS late,
         sum(CASE WHEN o.decision_reason <> '' THEN 1 ELSE 0 END) AS reasons,
         min(CASE WHEN o.decision IN ('validate', 'modify', 'revoke', 'reassign') THEN o.received_at END) AS first_answer_at,
         max(CASE WHEN o.decision IN ('validate', 'modify', 'revoke', 'reassign') THEN o.received_at END) AS last_answer_at
  FROM ordered o JOIN sheets s ON s.campaign_id = o.campaign_id AND s.worksheet_id = o.worksheet_id
  WHERE o.nth = 1 GROUP BY o.campaign_id, o.worksheet_id
)
SELECT s.campaign_id, s.worksheet_id, s.reviewer, s.reviewer_name, s.because, s.issued_at, s.due_on,
       COALESCE(q.issued, 0) AS issued, COALESCE(a.answered, 0) AS answered, COALESCE(q.issued, 0) - COALESCE(a.answered, 0) AS open,
       COALESCE(a.kept, 0) AS kept, COALESCE(a.changed, 0) AS changed, COALESCE(a.removed, 0) AS removed, COALESCE(a.passed_on, 0) AS passed_on,
       COALESCE(o.attempts, 0) AS self_review_attempts, COALESCE(a.late, 0) AS late, a.first_answer_at, a.last_answer_at,
       COALESCE(f.files, 0) AS files_received,
       CASE WHEN a.kept >= 20 AND a.kept = a.answered AND a.reasons = 0 THEN 'all kept, no reason' ELSE '' END AS signal
FROM sheets s
LEFT JOIN asked q ON q.campaign_id = s.campaign_id AND q.worksheet_id = s.worksheet_id
LEFT JOIN answers a ON a.campaign_id = s.campaign_id AND a.worksheet_id = s.worksheet_id
LEFT JOIN own o ON o.campaign_id = s.campaign_id AND o.worksheet_id = s.worksheet_id
LEFT JOIN files f ON f.campaign_id = s.campaign_id AND f.worksheet_id = s.worksheet_id
ORDER BY s.campaign_id, s.worksheet_id
