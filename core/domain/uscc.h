/* uscc.h - the unified social credit code, GB 32100-2015: 18 characters of 0-9 and A-Z without I O S V Z, the
 * last one a check character (weights 3^(i-1) mod 31, modulus 31). */
#ifndef SUNLIT_DOMAIN_USCC_H
#define SUNLIT_DOMAIN_USCC_H

#include "core/base/err.h"

/* Refuses with rule "length", "character" or "check_digit" about the field "uscc". */
bool uscc_check(const char *code, struct err *err);
/* The check character of the first 17, which must be valid characters; 0 when they are not. */
char uscc_check_character(const char *first17);

#endif
