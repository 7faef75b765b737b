#include "core/domain/confirmation.h"

#include "core/domain/catalogue.h"
#include "core/domain/form.h"
#include "core/domain/listed.h"

#include <inttypes.h>
#include <string.h>

static bool check_once(struct tx *tx, int64_t product, struct err *err)
{
  struct query q = query_open(tx->db, "SELECT 1 FROM confirmation WHERE product = ?1 AND branch = ?2", err);
  query_int(&q, 1, product);
  query_int(&q, 2, tx->author);
  bool done = query_row(&q);
  if (!query_close(&q)) return false;
  return !done || err_rule(err, ERR_CONFLICT, "product", "already_confirmed",
                           "this branch has already confirmed product %" PRId64, product);
}

bool confirmation_add(struct tx *tx, int64_t product, const char *note, int64_t *id, struct err *err)
{
  struct check check = {.err = err};
  struct listed listed;
  form_text(&check, "note", note, 0, 400);
  if (check.bad || !listed_look(tx->db, product, &listed, err)) return false;
  listed_check(&check, product, &listed, false);
  if (check.bad || !check_once(tx, product, err)) return false;
  form_subject(tx, listed.name);
  int64_t new_id;
  if (!tx_id(tx, SCOPE_BRANCH, &new_id, err)) return false;
  struct query q = query_open(tx->db,
                              "INSERT INTO confirmation(branch, id, product, note, actor, at_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, new_id);
  query_int(&q, 3, product);
  query_text(&q, 4, note ? note : "");
  query_text(&q, 5, tx->actor);
  query_int(&q, 6, tx->now_ms);
  if (!query_run(&q)) return false;
  *id = new_id;
  return true;
}

/* The first county to confirm is named; the revision rises, so every branch takes the product anew. */
bool confirmation_publish(struct tx *tx, int max, int *published, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "UPDATE product SET confirmed = 1, rev = rev + 1, changed_by = ?2, changed_ms = ?3, confirmed_by ="
      " (SELECT c.branch FROM confirmation c WHERE c.product = product.id ORDER BY c.at_ms, c.branch LIMIT 1)"
      " WHERE id IN (SELECT p.id FROM product p WHERE p.confirmed = 0 AND"
      " EXISTS(SELECT 1 FROM confirmation c WHERE c.product = p.id) LIMIT ?1)"
      " /* scan: meant, the unconfirmed of a few hundred products, every few minutes */",
      err);
  query_int(&q, 1, max);
  query_text(&q, 2, tx->actor);
  query_int(&q, 3, tx->now_ms);
  if (!query_run(&q)) return false;
  *published = (int)db_changes(tx->db);
  return *published == 0 || catalogue_raise(tx, false, err);
}
