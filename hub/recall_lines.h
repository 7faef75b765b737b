/* recall_lines.h - the sync port of a province that is being rebuilt: branches dial in as ever, and bring
 * back what the province lost (sync/recall.h).
 *
 * Certificates are asked as always, with one difference: one that this authority issued after the backup was
 * made is not in the database and is taken all the same; nothing that comes over it is believed before the
 * root is reached.  Nobody is enrolled here.  THREADS: one a connection; the functions may be called from
 * any. */
#ifndef SUNLIT_HUB_RECALL_LINES_H
#define SUNLIT_HUB_RECALL_LINES_H

#include "core/base/data_dir.h"
#include "sync/recall.h"

struct recall_lines;

bool recall_lines_open(struct recall_lines **out, const struct data_dir *dir, struct recall *recall,
                       const char *listen, struct err *err);
void recall_lines_close(struct recall_lines *lines); /* NULL is fine */
uint16_t recall_lines_port(const struct recall_lines *lines);
/* Bytes that came in over all lines so far, and lines that are open. */
void recall_lines_count(struct recall_lines *lines, uint64_t *bytes, size_t *live);

#endif
