-- What never leaves the machine: credentials, sessions, and each program's own notes.

CREATE TABLE account(
  name TEXT PRIMARY KEY NOT NULL CHECK(length(name) BETWEEN 2 AND 32),
  role TEXT NOT NULL CHECK(role IN ('staff', 'officer', 'curator', 'auditor', 'admin')),
  password_hash TEXT NOT NULL,
  must_change INTEGER NOT NULL CHECK(must_change IN (0, 1)),
  disabled INTEGER NOT NULL CHECK(disabled IN (0, 1)),
  made_ms INTEGER NOT NULL,
  password_ms INTEGER NOT NULL,
  login_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The token itself is only in the browser; here is its SHA-256.
CREATE TABLE session(
  token_hash BLOB PRIMARY KEY NOT NULL CHECK(length(token_hash) = 32),
  account TEXT NOT NULL,
  peer TEXT NOT NULL,
  made_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session(account);
CREATE INDEX session_expires ON session(expires_ms);

-- Failed logins of an account name (known or not) and of a peer address.
CREATE TABLE lockout(
  kind TEXT NOT NULL CHECK(kind IN ('account', 'peer')),
  name TEXT NOT NULL,
  failures INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY(kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX lockout_last ON lockout(last_ms);

-- How many security events of one kind and peer this window has written and held back.
CREATE TABLE security_gate(
  kind TEXT NOT NULL,
  peer TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  written INTEGER NOT NULL,
  held INTEGER NOT NULL,
  PRIMARY KEY(kind, peer)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency(
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash BLOB NOT NULL CHECK(length(request_hash) = 32),
  status INTEGER NOT NULL,
  answer BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency(at_ms);

CREATE TABLE setting(
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Node: what the line did.
CREATE TABLE contact(
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK(kind IN ('up', 'down', 'sync')),
  at_ms INTEGER NOT NULL,
  took_ms INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  got INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- Hub: what each branch last said of itself.
CREATE TABLE branch_contact(
  branch INTEGER PRIMARY KEY,
  enrolled_ms INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  connected INTEGER NOT NULL CHECK(connected IN (0, 1)),
  since_ms INTEGER NOT NULL,                -- of being connected or not
  last_contact_ms INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  oldest_pending_ms INTEGER NOT NULL,       -- 0: none
  refused INTEGER NOT NULL,
  skew_ms INTEGER NOT NULL,
  version TEXT NOT NULL,
  schema INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  reason TEXT NOT NULL                      -- why it needs a person; "" when it does not
) STRICT;

CREATE TABLE invite(
  token_hash BLOB PRIMARY KEY NOT NULL CHECK(length(token_hash) = 32),
  branch INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  made_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL,
  withdrawn_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invite_branch ON invite(branch, made_ms);

CREATE TABLE certificate(
  serial TEXT PRIMARY KEY NOT NULL,         -- lower-case hex
  branch INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  revoked_ms INTEGER NOT NULL,              -- 0: good
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_branch ON certificate(branch, since_ms);
