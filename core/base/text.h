/* text.h - what text is, here: one rule, asked at every door and kept by every writer.
 *
 * Text is well-formed UTF-8 of characters that a reader can see and that stay where they are written.  Never
 * text are controls (C0, DEL, C1, line and paragraph separators), the noncharacters of Unicode (which no XML
 * may hold), and what turns the direction of its neighbours, so that a name reads as another.  A name or a
 * code is one line and holds nothing unseen either: no joiners, no variation selectors, no spaces that only
 * look like one.  A remark may have line breaks, tabs, and the joiners that emoji are made of.
 *
 * What is stored may be older than the rule: whoever writes text out (a line of a log, a terminal, a sheet)
 * goes through text_clean or text_next.  Pure functions; THREADS: any. */
#ifndef SUNLIT_BASE_TEXT_H
#define SUNLIT_BASE_TEXT_H

#include "core/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum text_kind {
  TEXT_NAME,  /* names, codes, actors, file names: one line */
  TEXT_REMARK /* what a person tells: lines */
};

/* The size of the character that text begins with, 1 to 4, and its code; 0 where no UTF-8 begins. */
size_t text_next(const char *text, size_t left, uint32_t *code);

/* Whether a character may stand in such text. */
bool text_allows(enum text_kind kind, uint32_t code);
bool text_is_space(uint32_t code);  /* of any script, line breaks too */
bool text_turns(uint32_t code);     /* the direction of what stands beside it */
bool text_is_unseen(uint32_t code); /* takes no room: joiners, marks of direction, fillers, selectors */

/* How many characters a text has between its first and its last that somebody can see; 0: it says nothing,
 * as what is of private characters alone. */
size_t text_said(const char *text, size_t size);

/* Refuses with rule "encoding", "control_character", "invisible_character" or "direction_character", naming
 * field and character. */
bool text_check(enum text_kind kind, const char *field, const char *text, size_t size, struct err *err);

/* The text as far as whole characters of it go into size - 1 bytes, "?" for each that is none; ended by a
 * zero. out may be text itself. */
void text_clean(enum text_kind kind, char *out, size_t size, const char *text);

#endif
