/* site.h - a node or the hub of a test: a real store on a real file, with three small tables of its own.
 *
 * price is a branch's, product everybody's, decision directed to one branch.  Keys come from the code and the
 * epoch, so that every run makes the same bytes.  Any failure is printed and ends the program: a test reads
 * as a story, not as error handling. */
#ifndef SUNLIT_TESTS_SITE_H
#define SUNLIT_TESTS_SITE_H

#include "core/base/db.h"
#include "sync/store.h"

enum { PROVINCE = 330000, SITE_SCHEMA = 1 };

struct site {
  char path[160];
  unsigned lives; /* how often it crashed */
  uint32_t code;
  uint32_t epoch;
  uint64_t base_seq; /* of a second enrolment */
  uint8_t base_hash[HASH_SIZE];
  struct store *store;
  struct db *db; /* for reading */
};

/* A folder in memory where there is one, else in /tmp; removed by site_folder_remove. */
void site_folder(char out[128]);
void site_folder_remove(const char *folder);

void site_make(struct site *site, const char *folder, uint32_t code, int64_t now_ms);
void site_close(struct site *site);
/* Power off and on again: what was committed is there, what was in memory is not. */
void site_crash(struct site *site, int64_t now_ms);
/* A copy of the database as it is now, and going back to it: an old backup. */
void site_backup(const struct site *site, const char *to);
void site_restore(struct site *site, const char *from, int64_t now_ms);
/* Enrols it again: the next epoch, behind that head. */
void site_enrol_again(struct site *site, const struct head *hub_head, int64_t now_ms);

/* A branch's database is gone, and an empty one is in its place, under the key that it had last. */
void site_empty(struct site *site, const char *folder, int64_t now_ms);
/* And it is enrolled again with that. */
void site_new_disk(struct site *site, struct site *hub, const char *folder, int64_t now_ms);

/* What that author signs with in that epoch. */
void site_secret(uint32_t code, uint32_t epoch, uint8_t secret[SECRET_SIZE]);
/* The key of that author and epoch becomes known here. */
void site_trust(struct site *site, uint32_t author, uint32_t epoch);

/* One entry each. */
void site_price(struct site *site, int64_t product, int64_t price_fen, int64_t now_ms);
void site_product(struct site *hub, int64_t id, const char *name, int64_t now_ms);
/* An act of the province with that name. */
void site_says(struct site *hub, const char *action, const char *subject, int64_t now_ms);
/* A row of the trail, as the program leaves one. */
void site_event(struct site *hub, const char *kind, const char *detail, int64_t now_ms);
void site_decide(struct site *hub, uint32_t branch, const char *verdict, int64_t now_ms);
/* The province withholds an entry by law, unless it may not, or has done so. */
void site_withhold(struct site *hub, uint32_t author, uint32_t lane, uint64_t seq, int64_t now_ms);
/* n prices in n entries, under one signature. */
void site_prices(struct site *site, int n, int64_t now_ms);

struct head site_head(struct site *site, uint32_t author, uint32_t lane);
int64_t site_count(struct site *site, const char *sql);
/* The rows of a query as text; freed by the caller. */
char *site_rows(struct site *site, const char *sql, int64_t parameter);
/* store_verify finds no fault; prints those it finds. */
bool site_verifies(struct site *site);

void must(bool ok, const struct err *err, const char *what);

#endif
