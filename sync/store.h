/* store.h - the one door: every change to a replicated table goes through here, with its entry, or not at
 * all.
 *
 * A store is the one writing connection to a database, one lock, and the heads of the streams it authors.
 * store_commit opens a transaction, opens the guard, runs the domain's SQL under capture, takes the
 * changeset, closes the guard, sorts the changes into streams by the scope of their tables, appends one entry
 * per touched stream to the log and commits.  A crash before COMMIT leaves nothing; after it, everything
 * (I1).  The newest entry is signed within a second by store_sign_head, which the program calls every second
 * and before it sends.
 *
 * Two walls keep the door the only one.  Triggers on every replicated table call sunlit_guard(), which only
 * this connection defines and only while it captures or applies: a stray write fails.  While the domain's SQL
 * runs, an authorizer refuses it the tables sync_*, the schema, ATTACH, PRAGMA and transaction control.
 *
 * THREADS: any thread may call any function of an open store; they take turns on its lock.  A work function
 * runs under the lock, must not block and must not call the store.  Reading does not pass through here: use a
 * connection of your own and streams.h.
 * ERRORS: a full disk is ERR_IO rule "disk_full"; nothing is half-done and the next call works again when
 * there is room.  After any failed commit the heads are read again from the database. */
#ifndef SUNLIT_SYNC_STORE_H
#define SUNLIT_SYNC_STORE_H

#include "core/base/migrate.h"
#include "core/base/tx.h"
#include "sync/batch.h"
#include "sync/entry.h"
#include "sync/keys.h"

struct store;

/* Schema steps of part "sync"; migrated before the domain's, which declares its tables in table_scope. */
extern const struct migration sync_migrations[];
extern const size_t sync_migrations_count;

/* The number a row of that table gets that is journaled again (aside.h): `no` as it is while no other row has
 * it, else the next.  Columns that hold no number stay as they are. */
enum { STORE_NO_SIZE = 32 };
typedef bool (*store_renumber)(struct tx *tx, const char *table, const char *column, char no[STORE_NO_SIZE],
                               struct err *err);

struct store_config {
  const char *path;
  uint32_t author;   /* this branch, or the province on the hub */
  uint32_t province; /* 330000 */
  uint32_t epoch;    /* of the key below; from 1 */
  uint8_t secret[SECRET_SIZE];
  uint32_t schema; /* domain_schema_number() */
  /* A node's second and later epochs start behind what the hub has: its head at enrolment, seq 0 for a first
   * enrolment and on the hub.  Keep these beside the secret and give them at every opening. */
  uint64_t base_seq;
  uint8_t base_hash[HASH_SIZE];
  int64_t enrolled_ms;     /* what the hub's clock said then; 0: not known, as on the hub */
  int64_t now_ms;          /* for signing an unsigned tail */
  bool listens;            /* hub: no new size of the log is signed until store_listen(false) */
  store_renumber renumber; /* NULL: no column holds a number */
};

/* Opens a database that is migrated already: checks the schema of the replicated tables against the hash this
 * database had under the same schema number (ERR_CORRUPT rule "schema_changed"), makes guard and append-only
 * triggers, reads the heads, writes its own key into sync_key, re-journals the unacknowledged tail under a
 * new epoch, signs an unsigned tail, retries what was parked for an older schema.  config is copied. */
bool store_open(struct store **out, const struct store_config *config, struct err *err);
void store_close(struct store *store); /* signs the head first; NULL is fine */

/* What is done, by whom.  Texts are borrowed for the call. */
struct act {
  const char *actor; /* "officer"; "system" for the program itself */
  const char *role;
  const char *action;  /* "price.record": what the audit trail shows */
  const char *subject; /* NULL: the domain sets tx->subject, or it stays empty */
  uint32_t lane;       /* hub: the branch directed rows are for; 0: none */
  int64_t now_ms;
};

struct sealed {
  uint32_t epoch;
  uint64_t seq; /* 0: this class was not touched */
  uint8_t hash[HASH_SIZE];
  int64_t pos;
};

struct done {
  struct sealed branch;   /* (author, 0) on a node, (province, province) on the hub */
  struct sealed shared;   /* (province, 0) */
  struct sealed directed; /* (province, act.lane) */
};

/* The domain's part.  False with err set: nothing of the transaction stays.  Work that is more than one entry
 * holds sets tx->more: it is called again, with a fresh tx, for the next one.  All of its entries and their
 * rows are there after the one commit, or none. */
typedef bool (*store_work)(struct tx *tx, void *ctx, struct err *err);

/* done may be NULL; of several entries it tells the last of each class.  Besides the work's own errors:
 * ERR_DENIED rule "scope" ... when it changed rows that are not this author's (the same checks a receiver
 * makes), ERR_LIMIT, ERR_IO, ERR_BUSY rule "restoring" while a rebuilt node has not got its history back,
 * ERR_CONFLICT rule "frozen". */
bool store_commit(struct store *store, const struct act *act, store_work work, void *ctx, struct done *done,
                  struct err *err);
/* A transaction on local tables alone: replicated ones refuse (guard closed).  tx->ids are not usable. */
bool store_local(struct store *store, int64_t now_ms, store_work work, void *ctx, struct err *err);
/* What the other side's clock says: a clock of ours that leaps far beyond it and beyond our own newest entry
 * is not followed by what entries claim (PROTOCOL 1.2). */
void store_clock_heard(struct store *store, int64_t peer_ms);
/* The moment that the newest entry of our own claims, less what our clock is known to have been ahead: the
 * newest that the other side received claims no more than when it came.  0: none.  Waits for nobody: while
 * somebody writes it is what it was when it was asked before. */
int64_t store_newest_ms(struct store *store);
/* Signs the newest entry of each stream of our own that is not signed yet; cheap when there is none. */
bool store_sign_head(struct store *store, int64_t now_ms, struct err *err);

/* Hub: signs the log's newest durable size, after its commit and before it is served.  ERR_CORRUPT rule
 * "log_rolled_back" when the log is shorter than what was signed once. */
bool store_sign_log(struct store *store, int64_t now_ms, struct err *err);

/* Hub: while it listens no size of the log is signed; entries are made and taken all the same. */
void store_listen(struct store *store, bool listening);
/* It listens, or is known to have gone back: nothing that it wrote may go down. */
bool store_listens(const struct store *store);

/* Node: the hub has our stream durably through seq.  Hub: `peer` has the stream durably through seq. */
bool store_receipt(struct store *store, struct stream stream, uint64_t seq, int64_t received_ms,
                   struct err *err);
bool store_cursor(struct store *store, uint32_t peer, struct stream stream, uint64_t seq, int64_t at_ms,
                  struct err *err);

/* Journals an entry of our own that is kept aside (aside.h) once more: after an upgrade, or when what it
 * speaks of stands again.  It stays kept with its new reason when it cannot be.  ERR_MISSING, ERR_CONFLICT
 * rule "of_branch", "not_kept", "withheld", and what store_writable says. */
struct aside_retry {
  bool again;
  uint64_t seq;    /* its place, when it was */
  char reason[49]; /* why not */
};
bool store_aside_retry(struct store *store, int64_t id, int64_t now_ms, struct aside_retry *out,
                       struct err *err);

uint32_t store_author(const struct store *store);
uint32_t store_province(const struct store *store);
uint32_t store_epoch(const struct store *store);
void store_schema(const struct store *store, uint32_t *number, uint8_t hash[SCHEMA_HASH_SIZE]);
/* The newest schema number that an entry of our own was made under: at the province, up to which number
 * column rules hold for entries of others (PROTOCOL 4.6). */
uint32_t store_level(struct store *store);
/* The database contradicted itself, as somebody who reads it found; who writes it finds that alone.  From now
 * on nothing writes to it: ERR_CORRUPT rule "store_damaged", until it is opened again. */
void store_damaged(struct store *store, const struct err *why);
/* False, with why store_commit would refuse whatever is asked of it: "restoring", "frozen",
 * "log_rolled_back".
 */
bool store_writable(struct store *store, struct err *why);

#endif
