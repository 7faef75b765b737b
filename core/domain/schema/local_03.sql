-- Local rows again (local_02.sql): these never leave the machine.

-- A record that waited on a phone while nobody answered: when the phone says that it was kept there.  The row it became
-- says when it arrived; id is the row's.
CREATE TABLE kept_on_phone(
  id INTEGER PRIMARY KEY NOT NULL,
  kept_ms INTEGER NOT NULL CHECK(kept_ms > 0)
) STRICT;

-- What a password was before somebody else set a one-time one: whoever changes that does not go back to it.
ALTER TABLE account ADD COLUMN before_hash TEXT NOT NULL DEFAULT '';
