-- What a restored copy asks of a carried receipt: 16 random bytes, made when it first exports.  A receipt that
-- does not repeat them may be older than the copy, and does not say what the province has now.
ALTER TABLE sync_restored ADD COLUMN challenge BLOB CHECK (challenge IS NULL OR length(challenge) = 16);
