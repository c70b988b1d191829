-- title: For each Remove or Change: decided, executed, verified absent; days; still open
-- about: One row for each last answer that is Remove or Change. executed and verified: what
-- rollcall itself did; a right that somebody else took away is absent without them. state
-- is judged on the night of --date (seen_in): open means that the right is held as it was; not seen, not all read:
-- that night could not read all of the system, so that it proves nothing.
-- parameters: date date, campaign text, person text, system text
-- columns: state, campaign_id, row_id, decision, change_to, reviewer, reviewer_name, decided_at, source, employee_id, name, system, scope, login, account_id, kind, entitlement, entitlement_id, executed_at, outcome, verified_at, request_id, days_to_verified, days_open, seen_in
-- nights: date
-- history: decisions, actions, items
WITH wanted AS (
  SELECT DISTINCT campaign_id, row_id FROM decisions
  WHERE decision IN ('modify', 'revoke') AND date <= CAST(:date AS DATE)
    AND (:campaign = '' OR campaign_id = :campaign) AND (:system = '' OR system = :system)
    AND (:person = '' OR employee_id = :person OR source || '/' || employee_id = :person)
), ordered AS (
  SELECT d.*, row_number() OVER (PARTITION BY d.campaign_id, d.row_id ORDER BY d.received_at DESC, d.run_id DESC, d.revision DESC, d.decision) AS nth
  FROM decisions d JOIN wanted w ON w.campaign_id = d.campaign_id AND w.row_id = d.row_id
  WHERE d.decision <> 'blocked_self_review' AND d.date <= CAST(:date AS DATE)
), decided AS (
  SELECT * FROM ordered WHERE nth = 1 AND decision IN ('modify', 'revoke')
), night AS (
  SELECT run_id, CAST(started_at AS DATE) AS day FROM nights WHERE run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
), held AS (
  SELECT DISTINCT g.system, g.account_scope, g.scope, g.account_id, g.kind, g.entitlement_id
  FROM grants g JOIN night n ON n.run_id = g.run_id
), unread AS (
  SELECT DISTINCT r.system FROM "reads" r JOIN night n ON n.run_id = r.run_id WHERE NOT r.complete AND r.kind <> 'logs'
), shown AS (
  SELECT i.campaign_id, i.row_id, max(i.name) AS name, max(i.login) AS login, max(i.entitlement) AS entitlement
  FROM items i JOIN decided d ON d.campaign_id = i.campaign_id AND d.row_id = i.row_id
  WHERE i.date <= CAST(:date AS DATE) GROUP BY i.campaign_id, i.row_id
), done AS (
  SELECT d.campaign_id, d.row_id, a.sent_at, a.outcome, a.verified_at, a.request_id,
         row_number() OVER (PARTITION BY d.campaign_id, d.row_id ORDER BY a.run_id DESC, a.sent_at DESC, a.action_id) AS nth
  FROM decided d
  JOIN actions a ON a.system = d.system AND a.account_scope = d.account_scope AND a.account_id = d.account_id
    AND a.scope = d.scope AND a.entitlement_kind = d.entitlement_kind AND a.entitlement_id = d.entitlement_id AND a.sent_at >= d.received_at AND a.date <= CAST(:date AS DATE)
)
SELECT CASE WHEN h.system IS NOT NULL OR d.entitlement_id = '' THEN 'open' WHEN u.system IS NOT NULL THEN 'not seen, not all read' WHEN x.verified_at IS NOT NULL THEN 'verified absent' ELSE 'absent, not by rollcall' END AS state,
       d.campaign_id, d.row_id, d.decision, d.change_to, d.reviewer, d.reviewer_name, d.received_at AS decided_at, d.source, d.employee_id, COALESCE(s.name, '') AS name,
       d.system, d.scope, COALESCE(s.login, '') AS login, d.account_id, d.entitlement_kind AS kind, COALESCE(s.entitlement, '') AS entitlement, d.entitlement_id,
       x.sent_at AS executed_at, COALESCE(x.outcome, '') AS outcome, x.verified_at, COALESCE(x.request_id, '') AS request_id,
       days_between(CAST(d.received_at AS DATE), CAST(x.verified_at AS DATE)) AS days_to_verified,
       CASE WHEN h.system IS NOT NULL OR d.entitlement_id = '' THEN days_between(CAST(d.received_at AS DATE), n.day) END AS days_open, n.run_id AS seen_in
FROM decided d
CROSS JOIN night n
LEFT JOIN held h ON h.system = d.system AND h.account_scope = d.account_scope AND h.scope = d.scope AND h.account_id = d.account_id
  AND h.kind = d.entitlement_kind AND h.entitlement_id = d.entitlement_id
LEFT JOIN unread u ON u.system = d.system
LEFT JOIN shown s ON s.campaign_id = d.campaign_id AND s.row_id = d.row_id
LEFT JOIN done x ON x.campaign_id = d.campaign_id AND x.row_id = d.row_id AND x.nth = 1
ORDER BY CASE WHEN h.system IS NOT NULL OR d.entitlement_id = '' THEN 0 ELSE 1 END, d.received_at, d.campaign_id, d.row_id
