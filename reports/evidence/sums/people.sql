-- One row for each list of HR and each standing: how many people the last night of the
-- period knew so. Who leaves on a day ahead counts as active.
SELECT i.source, CASE WHEN i.standing = 'scheduled' THEN 'active' ELSE i.standing END AS standing, count(*) AS people
FROM identities i
WHERE i.run_id = (SELECT max(run_id) FROM nights)
GROUP BY 1, 2
ORDER BY 1, 2
