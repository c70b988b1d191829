-- title: Any leaver with an active account or credential at any snapshot after effective + SLA? Any use after exit?
-- about: One row for each account and each credential of somebody who had left, that was
-- still alive when a night later than --days after the end began, and for each use after the
-- end. No row: none. Enabled, but no way in: it was read before that nothing of the account
-- can be used, or it signs in through another system, where no account of the person's works.
-- Enabled, way in not read: that system was not read to its end that night, or no account
-- there is known to be theirs. A credential of an account that is blocked is not shown.
-- parameters: from date, to date, days count 1, person text, system text
-- columns: what, source, employee_id, name, access_ends_at, system, scope, account_id, login, detail, first_night, last_night, nights
-- period: runs, reads, endings, identities, accounts, grants, findings
WITH over AS (
  SELECT i.run_id, i.date, i.source, i.employee_id, i.name, i.access_ends_at, n.started_at
  FROM identities i JOIN nights n ON n.run_id = i.run_id
  WHERE i.standing = 'left' AND i.access_ends_at IS NOT NULL
    AND i.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
    AND hours_between(i.access_ends_at, n.started_at) > 24 * CAST(:days AS BIGINT)
    AND (:person = '' OR i.employee_id = :person OR i.source || '/' || i.employee_id = :person)
), held AS (
  SELECT o.run_id, o.date, o.source, o.employee_id, o.name, o.access_ends_at, a.system, a.scope, a.account_id, a.login, a.vendor_status, a.upstream, a.kind, a.status,
         CASE WHEN b.run_id IS NULL THEN 0 ELSE 1 END AS is_blocked
  FROM over o JOIN accounts a ON a.run_id = o.run_id AND a.source = o.source AND a.employee_id = o.employee_id
  LEFT JOIN endings b ON b.run_id = a.run_id AND b.system = a.system AND b.scope = a.scope AND b.account_id = a.account_id AND b.blocked_verified_at <= o.started_at
), signs_in AS (
  SELECT run_id, source, employee_id, max(CASE WHEN status = 'active' AND is_blocked = 0 THEN 1 ELSE 0 END) AS works, max(CASE WHEN status = 'unknown' AND is_blocked = 0 THEN 1 ELSE 0 END) AS unsure
  FROM held WHERE kind = 'okta_user'
  GROUP BY run_id, source, employee_id
), unread AS (
  SELECT DISTINCT run_id FROM "reads" WHERE NOT complete AND kind IN ('users', 'all') AND date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
), alive AS (
  SELECT CASE WHEN h.upstream = '' AND h.is_blocked = 0 OR h.upstream <> '' AND s.works = 1 THEN 'account active'
              WHEN h.is_blocked = 1 OR s.unsure = 0 AND u.run_id IS NULL THEN 'enabled, but no way in'
              ELSE 'enabled, way in not read' END AS what,
         h.run_id, h.date, h.source, h.employee_id, h.name, h.access_ends_at, h.system, h.scope, h.account_id, h.login, h.vendor_status AS detail
  FROM held h
  LEFT JOIN signs_in s ON s.run_id = h.run_id AND s.source = h.source AND s.employee_id = h.employee_id
  LEFT JOIN unread u ON u.run_id = h.run_id
  WHERE h.status = 'active'
  UNION ALL
  SELECT 'credential held' AS what, h.run_id, h.date, h.source, h.employee_id, h.name, h.access_ends_at, g.system, g.scope, g.account_id, g.login, g.kind || ' ' || g.entitlement AS detail
  FROM held h JOIN grants g ON g.run_id = h.run_id AND g.system = h.system AND g.account_scope = h.scope AND g.account_id = h.account_id
  WHERE h.is_blocked = 0 AND g.kind IN ('api_token', 'access_key', 'ssh_key', 'signing_certificate', 'service_credential', 'console_login')
  UNION ALL
  SELECT 'used after exit' AS what, i.run_id, i.date, i.source, i.employee_id, i.name, i.access_ends_at, f.system, f.scope, f.account_id, f.login, f.reason AS detail
  FROM findings f JOIN nights n ON n.run_id = f.run_id
  JOIN identities i ON i.run_id = f.run_id AND i.source = f.source AND i.employee_id = f.employee_id
  WHERE f.kind = 'used_after_exit' AND f.date BETWEEN CAST(:from AS DATE) AND CAST(:to AS DATE)
    AND (:person = '' OR f.employee_id = :person OR f.source || '/' || f.employee_id = :person)
)
SELECT what, source, employee_id, max(name) AS name, max(access_ends_at) AS access_ends_at, system, scope, account_id, max(login) AS login, detail,
       min(date) AS first_night, max(date) AS last_night, count(DISTINCT date) AS nights
FROM alive
WHERE :system = '' OR system = :system
GROUP BY what, source, employee_id, system, scope, account_id, detail
ORDER BY what, source, employee_id, system, scope, account_id, detail
