/* contact.h - node: the last things the line did, for the sync page; and settings of this machine. */
#ifndef SUNLIT_DOMAIN_CONTACT_H
#define SUNLIT_DOMAIN_CONTACT_H

#include "core/base/tx.h"

enum { CONTACTS_MAX = 200 };

struct contact {
  const char *kind; /* up, down, sync */
  int64_t at_ms, took_ms, sent, got, refused;
  const char *detail;
};
bool contact_add(struct tx *tx, const struct contact *in,
                 struct err *err); /* keeps the newest CONTACTS_MAX */
bool contact_list(struct db *db, int limit, void (*each)(void *ctx, const struct contact *row), void *ctx,
                  struct err *err);

bool setting_get(struct db *db, const char *key, const char *fallback, struct buf *out, struct err *err);
bool setting_set(struct tx *tx, const char *key, const char *value, struct err *err);

#endif
