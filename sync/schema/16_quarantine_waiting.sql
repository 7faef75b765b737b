-- Whose entries wait for an upgrade is asked for every page of the province.
CREATE INDEX sync_quarantine_waiting ON sync_quarantine(author) WHERE state = 'waiting';
