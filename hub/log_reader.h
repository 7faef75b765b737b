/* log_reader.h - who may read the entries of the log without an account: the tokens of auditors' programs.
 *
 * A record names the account that made it, so the entries of the log are not for everybody (decision 0101);
 * the tree over them is.  A token is 256 random bits, shown once; the database has its hash.  THREADS: the
 * connection's. */
#ifndef SUNLIT_HUB_LOG_READER_H
#define SUNLIT_HUB_LOG_READER_H

#include "core/base/cli.h"
#include "core/base/db.h"

enum { LOG_READER_NAME_MAX = 22, LOG_READER_NAME_SIZE = LOG_READER_NAME_MAX + 1 };

/* Whether the header "Authorization: Bearer TOKEN" opens the entries, and whose it is.  NULL opens nothing.
 */
bool log_reader_find(struct db *db, const char *authorization, int64_t now_ms,
                     char name[LOG_READER_NAME_SIZE], bool *found, struct err *err);

/* `sunlit-hub log-token`: makes a token, ends one, or lists them. */
bool log_token_command(const struct cli_args *args, struct err *err);

#endif
