/* fixture.h - a hub and its nodes in files of their own, for the tests of sync.
 *
 * The schema has one table of each kind: price (branch, append-only, the columns a real observation has),
 * stock (branch, changeable), product (shared), decision (directed, append-only), draft (local). Keys come
 * from fixed seeds, so the same calls give the same bytes. */
#ifndef SUNLIT_TESTS_SYNC_FIXTURE_H
#define SUNLIT_TESTS_SYNC_FIXTURE_H

#include "sync/apply.h"
#include "sync/store.h"
#include "sync/streams.h"
#include "sync/verify.h"

enum { PROVINCE = 330000, CHUNAN = 330127, TONGLU = 330122, NOW_MS = 1 };
#define FIXTURE_NOW_MS 1795488000000LL

struct site {
  char path[160];
  uint32_t author;
  uint32_t epoch;
  uint8_t public_key[PUBLIC_SIZE];
  struct store_config config;
  struct store *store;
  struct db *reader;
};

/* A folder of its own under TMPDIR or /tmp, removed by fixture_end. */
void fixture_begin(void);
void fixture_end(void);
const char *fixture_folder(void);

/* Asserts that it works.  The site's key is that of (author, epoch). */
void site_open(struct site *site, const char *name, uint32_t author, uint32_t epoch);
void site_close(struct site *site);
void site_reopen(struct site *site);
void site_key(uint32_t author, uint32_t epoch, uint8_t public_key[PUBLIC_SIZE], uint8_t secret[SECRET_SIZE]);
void site_migrate(const char *path);
/* They know each other's keys. */
void sites_meet(struct site *hub, struct site *node);
/* The province and one branch of it in a folder of their own, and the end of all three. */
void fixture_pair(struct site *hub, struct site *node);
void fixture_pair_end(struct site *hub, struct site *node);

/* One price observation, the n-th of its kind. */
void site_record_price(struct site *site, int n);
bool site_commit(struct site *site, uint32_t lane, const char *sql, struct done *done, struct err *err);
bool site_local(struct site *site, const char *sql, struct err *err);
/* Reads `from`'s stream behind what `to` has and applies it, batch by batch; the last result. */
struct apply_result site_pull(struct site *to, struct site *from, struct stream stream);
struct batch *site_batch(struct site *from, struct stream stream, uint64_t after_seq, uint32_t entries_max);
struct apply_result site_apply(struct site *to, struct batch *batch);
int64_t site_int(struct site *site, const char *sql);
bool site_verifies(struct site *site); /* prints the report when it does not */

/* The price insert, for benches too: ?1 branch ... as in price_columns. */
bool price_insert(struct tx *tx, int n, struct err *err);

#endif
