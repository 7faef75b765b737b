/* division.h - the province's prefectures and counties by GB/T 2260 code. */
#ifndef SUNLIT_DOMAIN_DIVISION_H
#define SUNLIT_DOMAIN_DIVISION_H

#include "core/base/tx.h"

struct division {
  uint32_t code;
  const char *name_zh; /* borrowed until the next row */
  const char *pinyin;
  const char *name_en;
  uint32_t prefecture_code;
  bool county;
};

/* Calls each for every division, prefectures and their counties in the order of codes. */
bool division_list(struct db *db, void (*each)(void *ctx, const struct division *row), void *ctx,
                   struct err *err);
/* Calls each once; ERR_MISSING "unknown_division" when there is none. */
bool division_get(struct db *db, uint32_t code, void (*each)(void *ctx, const struct division *row),
                  void *ctx, struct err *err);
/* Refuses a code that is not a county: ERR_INPUT "unknown_division" or "not_a_county", about that field. */
bool division_county(struct db *db, uint32_t code, const char *field, struct err *err);
/* The prefecture's code: 330127 -> 330100. */
uint32_t division_prefecture(uint32_t code);
/* Kilometres between the seats of two codes' prefectures; 0 within one.  For sorting by nearness only. */
int division_distance_km(uint32_t a, uint32_t b);

bool division_add(struct tx *tx, const struct division *in, struct err *err); /* replaces the same code */

#endif
