#include "program/passphrase.h"

#include "core/base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

static bool ask(FILE *terminal, const char *prompt, char out[PASSPHRASE_MAX], struct err *err)
{
  struct termios before, quiet;
  bool is_terminal = tcgetattr(fileno(terminal), &before) == 0;
  quiet = before;
  quiet.c_lflag &= ~(tcflag_t)ECHO;
  fputs(prompt, terminal);
  fflush(terminal);
  if (is_terminal) tcsetattr(fileno(terminal), TCSAFLUSH, &quiet);
  bool ok = fgets(out, PASSPHRASE_MAX, terminal) != NULL;
  if (is_terminal) tcsetattr(fileno(terminal), TCSAFLUSH, &before);
  fputs("\n", terminal);
  size_t n = ok ? strlen(out) : 0;
  if (n == PASSPHRASE_MAX - 1 && out[n - 1] != '\n')
    return err_rule(err, ERR_INPUT, "passphrase", "length", "a passphrase has at most %d bytes",
                    PASSPHRASE_MAX - 2);
  out[strcspn(out, "\n")] = 0;
  return ok || err_rule(err, ERR_INPUT, "passphrase", "required", "no passphrase was given");
}

bool passphrase_read(char out[PASSPHRASE_MAX], bool twice, struct err *err)
{
  const char *given = getenv("SUNLIT_PASSPHRASE");
  if (given) {
    if (strlen(given) >= PASSPHRASE_MAX)
      return err_rule(err, ERR_INPUT, "passphrase", "length", "a passphrase has at most %d bytes",
                      PASSPHRASE_MAX - 1);
    memcpy(out, given, strlen(given) + 1);
    return true;
  }
  FILE *terminal = fopen("/dev/tty", "r+e");
  if (!terminal)
    return err_rule(err, ERR_INPUT, "passphrase", "required",
                    "no terminal to ask for the passphrase: set SUNLIT_PASSPHRASE");
  char again[PASSPHRASE_MAX] = "";
  bool ok = ask(terminal, "passphrase: ", out, err) && (!twice || ask(terminal, "once more: ", again, err));
  if (ok && twice && strcmp(out, again) != 0)
    ok = err_rule(err, ERR_INPUT, "passphrase", "passphrase", "the two are not the same");
  crypto_wipe(again, sizeof again);
  fclose(terminal);
  return ok;
}
