-- title: Orphans: accounts that match no person; since when; whose they may be; last used
-- about: One row for each account that the night could tie to nobody. candidates: of an
-- ambiguous one, those whose it may be. usage_known false: the system does not say.
-- parameters: date date, system text
-- columns: night, system, scope, account_id, login, email, status, privileged, match, candidates, since, created_at, last_used_at, usage_known, rights
-- nights: date
SELECT a.run_id AS night, a.system, a.scope, a.account_id, a.login, a.email, a.status, a.privileged, a.match, a.candidates,
       (SELECT min(f.first_seen_on) FROM findings f WHERE f.run_id = a.run_id AND f.system = a.system AND (a.scope = '' OR f.scope = a.scope) AND f.account_id = a.account_id AND f.kind IN ('orphan_account', 'ambiguous_match')) AS since,
       a.created_at, a.last_used_at, a.usage_known,
       (SELECT count(*) FROM grants g WHERE g.run_id = a.run_id AND g.system = a.system AND g.account_scope = a.scope AND g.account_id = a.account_id) AS rights
FROM accounts a
WHERE a.run_id = (SELECT max(run_id) FROM nights WHERE date <= CAST(:date AS DATE))
  AND a.match IN ('unmatched', 'ambiguous')
  AND (:system = '' OR a.system = :system)
ORDER BY a.system, a.scope, a.login, a.account_id
