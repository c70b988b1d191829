-- title: Which grants existed in the campaign's period but were never reviewed?
-- about: One row for each right seen on a night of the period that no reviewer of the
-- campaign (empty: of any) answered for, with why. The last word about a row counts. A right that something carries is
-- reviewed with what carries it, and every right of an account with the account itself
-- where that was asked about. What leavers held is ended by the night and not reviewed.
-- parameters: from date, to date, campaign text, system text, person text
-- columns: why, source, employee_id, system, scope, account_id, login, kind, entitlement, via, risk, first_night, last_night
-- period: runs, grants, items, identities, accounts
-- history: decisions
WITH held AS (
  SELECT g.source, g.employee_id, g.system, g.scope, g.account_id, g.account_scope, g.login, g.kind, g.entitlement_id, max(g.entitlement) AS entitlement, g.via,
         g.via_id, g.via_scope, max(g.risk) AS risk, min(g.date) AS first_night, max(g.date) AS last_night, max(g.run_id) AS last_run
  FROM grants g JOIN nights n ON n.run_id = g.run_id
  WHERE g.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
    AND (:system = '' OR g.system = :system)
    AND (:person = '' OR g.employee_id = :person OR g.source || '/' || g.employee_id = :person)
  GROUP BY g.source, g.employee_id, g.system, g.scope, g.account_id, g.account_scope, g.login, g.kind, g.entitlement_id, g.via, g.via_id, g.via_scope
), words AS (
  SELECT d.campaign_id, d.row_id, d.decision, COALESCE(d.sender, '') AS sender, row_number() OVER (PARTITION BY d.campaign_id, d.row_id ORDER BY d.received_at DESC, d.run_id DESC, d.revision DESC, d.decision) AS nth
  FROM decisions d WHERE d.decision <> 'blocked_self_review' AND d.date <= CAST(:to AS DATE)
), asked AS (
  SELECT i.system, i.scope, i.account_id, i.account_scope, i.entitlement_id,
         max(CASE WHEN d.decision IN ('validate', 'modify', 'revoke') AND d.sender <> 'rollcall' THEN 1 ELSE 0 END) AS answered,
         max(CASE WHEN d.decision = 'superseded' THEN 1 ELSE 0 END) AS superseded
  FROM items i
  LEFT JOIN words d ON d.campaign_id = i.campaign_id AND d.row_id = i.row_id AND d.nth = 1
  WHERE (:campaign = '' OR i.campaign_id = :campaign) AND i.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
  GROUP BY i.system, i.scope, i.account_id, i.account_scope, i.entitlement_id
), about_it AS (
  SELECT system, scope, account_id, account_scope, kind, entitlement_id, via, via_id, via_scope, max(answered) AS answered, max(superseded) AS superseded
  FROM (
    SELECT h.system, h.scope, h.account_id, h.account_scope, h.kind, h.entitlement_id, h.via, h.via_id, h.via_scope, a.answered, a.superseded
    FROM held h
    JOIN asked a ON a.system = h.system AND a.account_id = h.account_id AND a.account_scope = h.account_scope AND a.entitlement_id = h.entitlement_id AND a.scope = h.scope
    UNION ALL
    SELECT h.system, h.scope, h.account_id, h.account_scope, h.kind, h.entitlement_id, h.via, h.via_id, h.via_scope, a.answered, a.superseded
    FROM held h
    JOIN asked a ON a.system = h.system AND a.account_id = h.account_id AND a.account_scope = h.account_scope AND a.entitlement_id = NULLIF(h.via_id, '') AND a.scope = h.via_scope
    UNION ALL
    SELECT h.system, h.scope, h.account_id, h.account_scope, h.kind, h.entitlement_id, h.via, h.via_id, h.via_scope, a.answered, a.superseded
    FROM held h
    JOIN asked a ON a.system = h.system AND a.account_id = h.account_id AND a.account_scope = h.account_scope AND a.entitlement_id = ''
  ) named
  GROUP BY system, scope, account_id, account_scope, kind, entitlement_id, via, via_id, via_scope
), frozen AS (
  SELECT min(date) AS opened FROM items WHERE (:campaign = '' OR campaign_id = :campaign) AND date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
)
SELECT CASE WHEN f.opened IS NULL THEN 'there was no review'
            WHEN a.superseded = 1 THEN 'asked, gone before an answer'
            WHEN a.answered = 0 THEN 'asked, not answered'
            WHEN i.standing = 'left' THEN 'held by somebody who has left'
            WHEN i.standing = 'garden_leave' THEN 'held by somebody on garden leave'
            WHEN h.first_night > f.opened THEN 'seen after the freeze'
            WHEN h.last_night < f.opened THEN 'gone before the freeze'
            WHEN c.match = 'root' THEN 'root user of an AWS account'
            ELSE 'in no worksheet' END AS why,
       h.source, h.employee_id, h.system, h.scope, h.account_id, h.login, h.kind, h.entitlement, h.via, h.risk, h.first_night, h.last_night
FROM held h
CROSS JOIN frozen f
LEFT JOIN about_it a ON a.system = h.system AND a.scope = h.scope AND a.account_id = h.account_id AND a.account_scope = h.account_scope
  AND a.kind = h.kind AND a.entitlement_id = h.entitlement_id AND a.via = h.via AND a.via_id = h.via_id AND a.via_scope = h.via_scope
LEFT JOIN identities i ON i.run_id = h.last_run AND i.source = h.source AND i.employee_id = h.employee_id
LEFT JOIN accounts c ON c.run_id = h.last_run AND c.system = h.system AND c.scope = h.account_scope AND c.account_id = h.account_id
WHERE COALESCE(a.answered, 0) = 0
ORDER BY 1, h.source, h.employee_id, h.system, h.scope, h.account_id, h.kind, h.entitlement, h.via, h.first_night, h.entitlement_id
