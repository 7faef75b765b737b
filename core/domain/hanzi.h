/* hanzi.h - one form of a Chinese character for those that are written in two: 魚 and 鱼, 雞 and 鷄 and 鸡.
 * What names of food and places are made of, not a dictionary. */
#ifndef SUNLIT_DOMAIN_HANZI_H
#define SUNLIT_DOMAIN_HANZI_H

#include <stddef.h>

/* The simplified form of the character of three bytes at text, three bytes too; itself when it has no other.
 */
const char *hanzi_simple(const char *text);

#endif
