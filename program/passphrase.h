/* passphrase.h - the secret of a backup, from SUNLIT_PASSPHRASE or typed at the terminal without echo. */
#ifndef SUNLIT_PROGRAM_PASSPHRASE_H
#define SUNLIT_PROGRAM_PASSPHRASE_H

#include "core/base/err.h"

enum { PASSPHRASE_MAX = 256 };

/* twice: typed, it is asked for again and must be the same.  Wipe it after use. */
bool passphrase_read(char out[PASSPHRASE_MAX], bool twice, struct err *err);

#endif
