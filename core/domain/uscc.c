#include "core/domain/uscc.h"

#include <string.h>

static const char characters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int value_of(char c)
{
  const char *at = c ? strchr(characters, c) : NULL;
  return at ? (int)(at - characters) : -1;
}

/* GB 32100-2015, 5.5: C18 = 31 - MOD(sum of Ci * Wi, 31), Wi = MOD(3^(i-1), 31); 31 stands for 0. */
char uscc_check_character(const char *first17)
{
  int sum = 0;
  for (int i = 0, weight = 1; i < 17; i++, weight = weight * 3 % 31) {
    int value = value_of(first17[i]);
    if (value < 0) return 0;
    sum += value * weight;
  }
  return characters[(31 - sum % 31) % 31];
}

bool uscc_check(const char *code, struct err *err)
{
  size_t n = strlen(code);
  if (n != 18)
    return err_rule(err, ERR_INPUT, "uscc", "length",
                    "a unified social credit code has 18 characters, \"%.40s\" has %zu bytes", code, n);
  for (size_t i = 0; i < n; i++) {
    if (value_of(code[i]) >= 0 && (i < 2 || i > 7 || code[i] <= '9')) continue;
    return err_rule(err, ERR_INPUT, "uscc", "character",
                    "character %zu of %s is none that a unified social credit code has there", i + 1, code);
  }
  char right = uscc_check_character(code);
  if (code[17] == right) return true;
  return err_rule(err, ERR_INPUT, "uscc", "check_digit",
                  "%s is mistyped: its check character would be %c, not %c", code, right, code[17]);
}
