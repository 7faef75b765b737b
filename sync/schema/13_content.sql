-- Entries that stand here without their content though no act withholds them (sync/content.h).
CREATE INDEX sync_quarantine_content ON sync_quarantine(author, lane, seq) WHERE reason = 'withheld';
