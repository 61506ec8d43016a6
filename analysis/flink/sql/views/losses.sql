-- What a sink declared lost, by the sequences of an epoch.
CREATE TEMPORARY VIEW losses AS
SELECT event_time, epoch, reason, first_sequence, last_sequence
FROM once_accounts
WHERE `record` = 'loss' AND epoch IS NOT NULL AND first_sequence IS NOT NULL AND last_sequence IS NOT NULL;
