-- title: Campaign Q: issued, answered, late, passed on, self-review attempts, decisions per reviewer; sign-off times; rubber-stamp signals
-- about: One row for each reviewer's worksheet. Of several answers about one row the last
-- counts; a row without one is open. unanswered: of those, nobody answered until the review
-- was closed, also where rollcall removes what is privileged then; gone: the right or the person was gone before an answer. late: answers after
-- the day the campaign was due. signed_by: who signed a file of it. signal: of 20 answers or
-- more all are Keep, and none has a reason, or all have the same.
-- parameters: campaign text, to date
-- columns: campaign_id, worksheet_id, reviewer, reviewer_name, because, issued_at, due_on, issued, answered, open, unanswered, gone, kept, changed, removed, passed_on, self_review_attempts, late, first_answer_at, last_answer_at, files_received, signed_by, signal
-- reviews: worksheets, items, decisions
WITH sheets AS (
  SELECT campaign_id, worksheet_id, min(reviewer) AS reviewer, max(reviewer_name) AS reviewer_name, max(because) AS because,
         min(issued_at) AS issued_at, max(due_on) AS due_on
  FROM worksheets
  WHERE campaign_id <> '' AND received_at IS NULL AND (:campaign = '' OR campaign_id = :campaign) AND date <= CAST(:to AS DATE)
  GROUP BY campaign_id, worksheet_id
), files AS (
  SELECT campaign_id, worksheet_id, count(*) AS files, max(signed_by) AS signed_by FROM worksheets
  WHERE received_at IS NOT NULL AND (:campaign = '' OR campaign_id = :campaign) AND date <= CAST(:to AS DATE) GROUP BY campaign_id, worksheet_id
), asked AS (
  SELECT campaign_id, worksheet_id, count(DISTINCT row_id) AS issued FROM items
  WHERE (:campaign = '' OR campaign_id = :campaign) AND date <= CAST(:to AS DATE) GROUP BY campaign_id, worksheet_id
), ordered AS (
  SELECT campaign_id, worksheet_id, decision_reason, received_at,
         CASE WHEN decision = 'revoke' AND sender = 'rollcall' THEN 'expired_no_answer' ELSE decision END AS decision,
         row_number() OVER (PARTITION BY campaign_id, worksheet_id, row_id ORDER BY received_at DESC, run_id DESC, revision DESC, decision) AS nth
  FROM decisions WHERE decision <> 'blocked_self_review' AND (:campaign = '' OR campaign_id = :campaign) AND date <= CAST(:to AS DATE)
), own AS (
  SELECT campaign_id, worksheet_id, count(*) AS attempts FROM decisions
  WHERE decision = 'blocked_self_review' AND (:campaign = '' OR campaign_id = :campaign) AND date <= CAST(:to AS DATE) GROUP BY campaign_id, worksheet_id
), answers AS (
  SELECT o.campaign_id, o.worksheet_id,
         sum(CASE WHEN o.decision IN ('validate', 'modify', 'revoke', 'reassign') THEN 1 ELSE 0 END) AS answered,
         sum(CASE WHEN o.decision = 'validate' THEN 1 ELSE 0 END) AS kept,
         sum(CASE WHEN o.decision = 'modify' THEN 1 ELSE 0 END) AS changed,
         sum(CASE WHEN o.decision = 'revoke' THEN 1 ELSE 0 END) AS removed,
         sum(CASE WHEN o.decision = 'reassign' THEN 1 ELSE 0 END) AS passed_on,
         sum(CASE WHEN o.decision IN ('validate', 'modify', 'revoke') AND CAST(o.received_at AS DATE) > s.due_on THEN 1 ELSE 0 END) AS late,
         sum(CASE WHEN o.decision = 'expired_no_answer' THEN 1 ELSE 0 END) AS unanswered,
         sum(CASE WHEN o.decision = 'superseded' THEN 1 ELSE 0 END) AS gone,
         count(DISTINCT CASE WHEN o.decision IN ('validate', 'modify', 'revoke') THEN o.decision_reason END) AS reasons,
         max(CASE WHEN o.decision IN ('validate', 'modify', 'revoke') THEN o.decision_reason ELSE '' END) AS a_reason,
         min(CASE WHEN o.decision IN ('validate', 'modify', 'revoke', 'reassign') THEN o.received_at END) AS first_answer_at,
         max(CASE WHEN o.decision IN ('validate', 'modify', 'revoke', 'reassign') THEN o.received_at END) AS last_answer_at
  FROM ordered o JOIN sheets s ON s.campaign_id = o.campaign_id AND s.worksheet_id = o.worksheet_id
  WHERE o.nth = 1 GROUP BY o.campaign_id, o.worksheet_id
)
SELECT s.campaign_id, s.worksheet_id, s.reviewer, s.reviewer_name, s.because, s.issued_at, s.due_on,
       COALESCE(q.issued, 0) AS issued, COALESCE(a.answered, 0) AS answered, COALESCE(q.issued, 0) - COALESCE(a.answered, 0) - COALESCE(a.gone, 0) AS open,
       COALESCE(a.unanswered, 0) AS unanswered, COALESCE(a.gone, 0) AS gone,
       COALESCE(a.kept, 0) AS kept, COALESCE(a.changed, 0) AS changed, COALESCE(a.removed, 0) AS removed, COALESCE(a.passed_on, 0) AS passed_on,
       COALESCE(o.attempts, 0) AS self_review_attempts, COALESCE(a.late, 0) AS late, a.first_answer_at, a.last_answer_at,
       COALESCE(f.files, 0) AS files_received, COALESCE(f.signed_by, '') AS signed_by,
       CASE WHEN a.kept >= 20 AND a.kept = a.kept + a.changed + a.removed AND a.reasons = 1 THEN CASE WHEN a.a_reason = '' THEN 'all kept, no reason' ELSE 'all kept, one reason for all' END ELSE '' END AS signal
FROM sheets s
LEFT JOIN asked q ON q.campaign_id = s.campaign_id AND q.worksheet_id = s.worksheet_id
LEFT JOIN answers a ON a.campaign_id = s.campaign_id AND a.worksheet_id = s.worksheet_id
LEFT JOIN own o ON o.campaign_id = s.campaign_id AND o.worksheet_id = s.worksheet_id
LEFT JOIN files f ON f.campaign_id = s.campaign_id AND f.worksheet_id = s.worksheet_id
ORDER BY s.campaign_id, s.worksheet_id
