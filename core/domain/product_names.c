#include "core/domain/product_names.h"

#include "core/base/json.h"
#include "core/domain/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDED_SIZE = 256, KEY_SIZE = FOLDED_SIZE + 24 };

static void fold(char out[FOLDED_SIZE], const char *name)
{
  search_fold(out, FOLDED_SIZE, name, 'v');
  char *to = out;
  for (const char *at = out; *at; at++)
    if (*at != ' ') *to++ = *at;
  *to = 0;
}

bool product_name_taken(struct db *db, int64_t self, const char *name, int64_t origin, bool *taken,
                        struct err *err)
{
  char sought[FOLDED_SIZE], other[FOLDED_SIZE];
  fold(sought, name);
  struct query q = query_open(db, "SELECT name_zh FROM product WHERE origin_code = ?1 AND id <> ?2", err);
  query_int(&q, 1, origin);
  query_int(&q, 2, self);
  *taken = false;
  while (!*taken && query_row(&q)) {
    fold(other, column_text(&q, 0));
    *taken = strcmp(sought, other) == 0;
  }
  return query_close(&q);
}

struct product_names {
  json_t *keys; /* an object with a member for each: the library's hash table */
};

static void key_of(char key[KEY_SIZE], const char *name, int64_t origin)
{
  char folded[FOLDED_SIZE];
  fold(folded, name);
  snprintf(key, KEY_SIZE, "%" PRId64 " %s", origin, folded);
}

bool product_names_has(const struct product_names *names, const char *name, int64_t origin)
{
  char key[KEY_SIZE];
  key_of(key, name, origin);
  return json_object_get(names->keys, key) != NULL;
}

bool product_names_add(struct product_names *names, const char *name, int64_t origin, struct err *err)
{
  char key[KEY_SIZE];
  key_of(key, name, origin);
  return json_object_set_new_nocheck(names->keys, key, json_true()) == 0 ||
         err_set(err, ERR_IO, "no memory for the names of products");
}

bool product_names_open(struct product_names **out, struct db *db, struct err *err)
{
  struct product_names *names = calloc(1, sizeof *names);
  if (!names || !(names->keys = json_object())) {
    free(names);
    return err_set(err, ERR_IO, "no memory for the names of products");
  }
  struct query q =
      query_open(db, "SELECT name_zh, origin_code FROM product /* scan: meant, of an import */", err);
  bool ok = true;
  while (ok && query_row(&q))
    ok = product_names_add(names, column_text(&q, 0), column_int(&q, 1), err);
  ok = query_close(&q) && ok;
  if (!ok) {
    product_names_close(names);
    return false;
  }
  *out = names;
  return true;
}

void product_names_close(struct product_names *names)
{
  if (!names) return;
  json_decref(names->keys);
  free(names);
}
