/* pinyin.h - how a new name is read, learnt from the names that are here: every product and division has its
 * Chinese and its syllables, one a character.  A character with several readings takes the one it has most
 * often behind the character before it, else most often at all; a character never met is left out and told.
 */
#ifndef SUNLIT_DOMAIN_PINYIN_H
#define SUNLIT_DOMAIN_PINYIN_H

#include "core/base/bytes.h"
#include "core/base/db.h"

struct pinyin;

bool pinyin_open(struct pinyin **out, struct db *db, struct err *err);
void pinyin_close(struct pinyin *pinyin);
/* "zhou shan dai yu", zero-terminated; Latin letters and digits of the name stay, lower case.  unknown gets
 * the characters that were never met, zero-terminated; may be NULL. */
void pinyin_of(const struct pinyin *pinyin, const char *name, struct buf *out, struct buf *unknown);

#endif
