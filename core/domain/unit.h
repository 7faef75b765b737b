/* unit.h - the units products are sold by, however they are written: 公斤, 千克 and KG are kg.  What is
 * another quantity by the same kind of name, such as 斤, half a kilogram, is no unit here and is refused
 * where it stands; nothing is converted behind anybody's back. */
#ifndef SUNLIT_DOMAIN_UNIT_H
#define SUNLIT_DOMAIN_UNIT_H

/* The word of the catalogue; NULL: none of its units. */
const char *unit_of(const char *typed);

#endif
