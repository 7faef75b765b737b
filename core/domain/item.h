/* item.h - a product, supplier or channel as a bag of named fields: how people edit the shared catalogue.
 *
 * Curators write items directly; branches propose patches to them.  Both pass through the same checks, field
 * by field.  A patch is a JSON object {field: value}; the fields are
 *   product   name_zh name_pinyin name_en aliases group subgroup origin_code unit storage storage_note_zh
 *             geo_indication geo_basis seasons; by the province only: status status_reason confirmed
 *   supplier  uscc name division contact_name contact_phone licence_no licence_until ("2027-03-01" or "");
 *             by the province only: status status_reason
 *   channel   product supplier way min_order_qty delivery_area note          (by the province only)
 * seasons is the array of season.h.  Every change raises rev by one and leaves one revision row a field.
 * Optimistic: a change names the rev it was made against; a stale one is ERR_CONFLICT "stale". */
#ifndef SUNLIT_DOMAIN_ITEM_H
#define SUNLIT_DOMAIN_ITEM_H

#include "core/base/json.h"
#include "core/base/tx.h"
#include "core/domain/faults.h"
#include "core/domain/product_names.h"

enum item_kind { ITEM_PRODUCT, ITEM_SUPPLIER, ITEM_CHANNEL, ITEM_KINDS };
enum item_use { ITEM_ADD, ITEM_CHANGE, ITEM_PROPOSE_ADD, ITEM_PROPOSE_CHANGE };

const char *item_kind_name(enum item_kind kind); /* "product" "supplier" "channel" */
bool item_kind_of(const char *name, enum item_kind *kind, struct err *err);

/* Checks types, bounds, words and references of every member; ADD also asks for what is required. */
bool item_check(struct db *db, enum item_kind kind, enum item_use use, const json_t *patch,
                struct faults *faults, struct err *err);

/* Where the indication of a product can be read up (geo_basis) goes with it and is nothing alone: fields,
 * which would change item (NULL: a new one), empty it, and are a fault when they say another.  False: they
 * are. */
bool item_basis(const json_t *item, json_t *fields, struct check *check);

/* The item's fields as a JSON object (a new reference) and its rev; ERR_MISSING "unknown_product" ... */
bool item_values(struct db *db, enum item_kind kind, int64_t id, json_t **out, int64_t *rev, struct err *err);

bool item_add(struct tx *tx, enum item_kind kind, const json_t *fields, int64_t *id, struct faults *faults,
              struct err *err);
/* A product of an import, whose name is held against the open set and joins it. */
bool item_add_among(struct tx *tx, struct product_names *names, const json_t *fields, int64_t *id,
                    struct err *err);
/* Writes nothing and keeps rev when every field already has that value. */
bool item_change(struct tx *tx, enum item_kind kind, int64_t id, int64_t rev, const json_t *fields,
                 int64_t *new_rev, struct faults *faults, struct err *err);
bool channel_remove(struct tx *tx, int64_t id, int64_t rev, struct err *err);

struct revision {
  int64_t rev;
  const char *field;
  const char *before; /* text as a person writes it; JSON for seasons */
  const char *after;
  const char *actor;
  int64_t at_ms;
};
/* Newest first, revisions after `since_rev` only. */
bool item_history(struct db *db, enum item_kind kind, int64_t id, int64_t since_rev,
                  void (*each)(void *ctx, const struct revision *row), void *ctx, struct err *err);

#endif
