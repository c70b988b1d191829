-- One row for each kind of finding of the period's nights, by the risk of what it is
-- about, as each finding was last told. standing: it was still told on the last night.
WITH told AS (
  SELECT f.*, row_number() OVER (PARTITION BY f.finding_id ORDER BY f.run_id DESC) AS nth
  FROM findings f JOIN nights n ON n.run_id = f.run_id
), rated AS (
  SELECT run_id, system, scope, kind, entitlement_id, max(risk) AS risk FROM entitlements GROUP BY run_id, system, scope, kind, entitlement_id
)
SELECT t.kind, COALESCE(NULLIF(e.risk, ''), CASE WHEN t.entitlement_id <> '' THEN 'not rated' ELSE 'an account or a person' END) AS risk,
       t.severity, t.disposition, count(*) AS findings,
       sum(CASE WHEN t.run_id = (SELECT max(run_id) FROM nights) THEN 1 ELSE 0 END) AS standing,
       min(t.first_seen_on) AS oldest
FROM told t
LEFT JOIN rated e ON e.run_id = t.run_id AND e.system = t.system AND e.scope = t.scope AND e.kind = t.entitlement_kind AND e.entitlement_id = t.entitlement_id
WHERE t.nth = 1
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
