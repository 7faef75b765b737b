/* unit.h - the units products are sold by, however they are written: 公斤, 千克 and KG are kg.
 *
 * units.json beside this file is their one list: of the forms, the sheets, the choices of their templates,
 * the trail's words and what the interface takes.  What is another quantity by the same kind of name, such as
 * 斤, half a kilogram, is no unit here and is refused where it stands; nothing is converted behind anybody's
 * back. */
#ifndef SUNLIT_DOMAIN_UNIT_H
#define SUNLIT_DOMAIN_UNIT_H

#include <stdbool.h>

/* All of them as the catalogue has them, NULL behind the last. */
extern const char *const unit_codes[];
/* The word of the catalogue; NULL: none of its units. */
const char *unit_of(const char *typed);
/* What people call it; NULL: none of the units. */
const char *unit_word(const char *code, bool english);

#endif
