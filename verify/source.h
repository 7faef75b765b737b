/* source.h - where the auditor's bytes come from: a file, a folder laid out as tlog-tiles, or its URL.
 *
 * A URL is fetched by curl(1), which knows proxies and certificates; what it brings is trusted no more than a
 * file.  OWNERSHIP: the caller's buf.  THREADS: any, once source_ca and source_token have been called. */
#ifndef SUNLIT_VERIFY_SOURCE_H
#define SUNLIT_VERIFY_SOURCE_H

#include "core/base/bytes.h"
#include "core/base/err.h"

/* How URLs are fetched from now on; before the first thread.  ca: the certificate to trust, in PEM or DER;
 * its path is borrowed. token: a file with what opens the log's entries; sent over https or to this machine
 * alone. */
bool source_ca(const char *path, struct err *err);
bool source_token(const char *path, struct err *err);
/* Whether a token may go to that address: over TLS, or to this machine. */
bool source_may_carry(const char *url);

enum source_kind { SOURCE_FILE, SOURCE_FOLDER, SOURCE_URL };

/* ERR_MISSING when a path does not exist. */
bool source_kind(const char *where, enum source_kind *kind, struct err *err);
/* Reads `where`, or `where`/name when name is not NULL, into out (cleared first); at most max bytes. */
bool source_read(const char *where, const char *name, size_t max, struct buf *out, struct err *err);

#endif
