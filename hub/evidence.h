/* evidence.h - an evidence bundle for entries of the log, with what they say in words.
 * The bytes are sync/evidence.h's; this adds the words, which only the province's program can read. */
#ifndef SUNLIT_HUB_EVIDENCE_H
#define SUNLIT_HUB_EVIDENCE_H

#include "core/base/cli.h"
#include "core/base/db.h"
#include "sync/evidence.h"

#include <stdint.h>

/* What the bundle of these entries is called, and its folder. */
void evidence_name(char out[EVIDENCE_FOLDER_MAX + 1], const int64_t *positions, size_t count);
/* Appends the bundle of these entries from a read connection. */
bool evidence_of(struct db *db, uint32_t province, const int64_t *positions, size_t count, int64_t now_ms,
                 struct buf *out, struct err *err);
/* sunlit-hub evidence --dir D --pos N[,N...] --out FILE; may be used while the hub runs. */
bool evidence_command(const struct cli_args *args, struct err *err);

#endif
