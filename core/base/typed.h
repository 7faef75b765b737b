/* typed.h - what people type, read as they mean it, or refused by a rule.
 *
 * One folding for sheets, forms, logins and searches: full-width letters and digits are the plain ones,
 * spaces of every script are spaces, what nobody sees is not there.  The pages' amount.ts reads amounts in
 * the same way; tests/vectors/typed.json holds both to it.  Pure functions; THREADS: any. */
#ifndef SUNLIT_BASE_TYPED_H
#define SUNLIT_BASE_TYPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For comparing: lower-case ASCII, one space between words and none at the edges, nothing unseen; cut at a
 * character to fit size. */
void typed_fold(char *out, size_t size, const char *text);

enum { TYPED_UNIT_SIZE = 40 };

/* "118", "¥1,180.00", "38。5元", "38.5元/公斤", of a quantity "24 公斤": an integer of 10^-places and the
 * unit that was written ("" for none).  NULL, or the rule it breaks: "number", "negative", "thousands" (a
 * comma parts thousands and nothing else: left out of "12,50" it would make a hundred times too much),
 * "places", "most" (above most whole ones). */
const char *typed_amount(const char *text, int places, int64_t most, bool money, int64_t *value,
                         char unit[TYPED_UNIT_SIZE]);

/* 2026-11-24, 2026/1/5, 2026.11.24, 2026年11月24日, 20261124, each with a weekday that is right or a time
 * after it, as yyyymmdd; of a time with a zone it is the day in Shanghai.  NULL, or "year" for a day without
 * its year, "no_day" for one the calendar does not have, or "date". */
const char *typed_date(const char *text, int *date);

/* 1 for 是, 对, √, yes and the like; 0 for 否, ×, no and nothing; -1 for anything else. */
int typed_yes(const char *text);

#endif
