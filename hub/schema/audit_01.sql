-- The audit index: what an auditor filters by, taken out of the records of the log.  A cache: it is followed
-- from sync_entry by pos, and may be emptied at any time; it is then built again.
CREATE TABLE audit(
  pos INTEGER PRIMARY KEY,
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  claimed_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL
) STRICT;
CREATE INDEX audit_author ON audit(author, pos);
CREATE INDEX audit_action ON audit(action, pos);
CREATE INDEX audit_received ON audit(received_ms);
