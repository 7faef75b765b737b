#include "core/domain/confirmation.h"

#include "core/domain/catalogue.h"
#include "core/domain/form.h"
#include "core/domain/listed.h"

#include <inttypes.h>
#include <string.h>

static bool check_once(struct tx *tx, int64_t product, struct err *err)
{
  struct query q =
      query_open(tx->db, "SELECT 1 FROM counted_confirmation WHERE product = ?1 AND branch = ?2", err);
  query_int(&q, 1, product);
  query_int(&q, 2, tx->author);
  bool done = query_row(&q);
  if (!query_close(&q)) return false;
  return !done || err_rule(err, ERR_CONFLICT, "product", "already_confirmed",
                           "this branch has already confirmed product %" PRId64, product);
}

/* Of what nobody has looked at, nothing is signed; and what a colleague confirmed since is something else. */
static bool check_seen(struct tx *tx, int64_t product, int64_t rev, struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "SELECT p.rev, p.rev < ?2 OR EXISTS(SELECT 1 FROM look_again l WHERE l.product = p.id"
                 " AND l.rev > ?2) FROM product p WHERE p.id = ?1",
                 err);
  query_int(&q, 1, product);
  query_int(&q, 2, rev);
  bool there = query_row(&q);
  int64_t now = there ? column_int(&q, 0) : 0;
  bool other = there && column_int(&q, 1) != 0;
  if (!query_close(&q)) return false;
  return !other ||
         err_rule(err, ERR_CONFLICT, "rev", "stale",
                  "the product is at revision %" PRId64 ", seasons and storage were looked at in %" PRId64,
                  now, rev);
}

bool confirmation_add(struct tx *tx, int64_t product, int64_t rev, const char *note, int64_t *id,
                      struct err *err)
{
  struct check check = {.err = err};
  struct listed listed;
  form_text(&check, "note", note, 0, 400);
  if (check.bad || !listed_look(tx->db, product, &listed, err)) return false;
  listed_check(&check, product, &listed, false);
  if (check.bad || !check_seen(tx, product, rev, err) || !check_once(tx, product, err)) return false;
  form_subject(tx, listed.name);
  int64_t new_id;
  if (!tx_id(tx, SCOPE_BRANCH, &new_id, err)) return false;
  struct query q = query_open(tx->db,
                              "INSERT INTO confirmation(branch, id, product, note, actor, at_ms, rev)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, new_id);
  query_int(&q, 3, product);
  query_text(&q, 4, note ? note : "");
  query_text(&q, 5, tx->actor);
  query_int(&q, 6, tx->now_ms);
  query_int(&q, 7, rev);
  if (!query_run(&q)) return false;
  *id = new_id;
  return true;
}

#define FIRST_COUNTY(product)                                                                                \
  "(SELECT c.branch FROM counted_confirmation c WHERE c.product = " product                                  \
  " ORDER BY c.at_ms, c.branch LIMIT 1)"

bool confirmation_by(struct db *db, int64_t product, uint32_t *by, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT iif(confirmed, confirmed_by, coalesce(" FIRST_COUNTY("?1") ", 0))"
                                                                         " FROM product WHERE id = ?1",
      err);
  query_int(&q, 1, product);
  *by = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

/* The first county to confirm is named; the revision rises, so every branch takes the product anew. */
bool confirmation_publish(struct tx *tx, int max, int *published, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "UPDATE product SET confirmed = 1, rev = rev + 1, changed_by = ?2, changed_ms = ?3, confirmed_by ="
      " " FIRST_COUNTY(
          "product.id") " WHERE id IN (SELECT p.id FROM product p WHERE p.confirmed = 0 AND"
                        " EXISTS(SELECT 1 FROM counted_confirmation c WHERE c.product = p.id) LIMIT ?1)"
                        " /* scan: meant, the unconfirmed of a few hundred products, every few minutes */",
      err);
  query_int(&q, 1, max);
  query_text(&q, 2, tx->actor);
  query_int(&q, 3, tx->now_ms);
  if (!query_run(&q)) return false;
  *published = (int)db_changes(tx->db);
  return *published == 0 || catalogue_raise(tx, false, err);
}
