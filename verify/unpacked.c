#include "verify/unpacked.h"

#include "core/base/tar.h"
#include "sync/evidence.h"
#include "verify/source.h"

#include <stdio.h>
#include <unistd.h>

bool unpacked_is(const char *folder)
{
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/%s", folder, EVIDENCE_SUMS);
  return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

bool unpacked_pack(const char *folder, struct buf *out, struct err *err)
{
  struct buf sums = BUF_INIT, file = BUF_INIT;
  char name[TAR_NAME_MAX + 1];
  const char *hex = NULL;
  buf_clear(out);
  bool ok = source_read(folder, EVIDENCE_SUMS, EVIDENCE_SIZE_MAX, &sums, err);
  const char *at = (const char *)sums.data, *end = ok ? at + sums.size : at;
  while (ok && at < end) {
    ok = evidence_sums_line(&at, end, &hex, name) ||
         err_rule(err, ERR_INPUT, "bundle", "evidence", "%s: a line is not a hash and a name", EVIDENCE_SUMS);
    ok = ok && (tar_name_safe(name) || err_rule(err, ERR_INPUT, "bundle", "evidence",
                                                "%s: a name leads out of the folder", EVIDENCE_SUMS));
    ok = ok && source_read(folder, name, EVIDENCE_SIZE_MAX - out->size, &file, err);
    if (ok) tar_add(out, name, file.data, file.size, 0);
  }
  if (ok) tar_add(out, EVIDENCE_SUMS, sums.data, sums.size, 0);
  tar_end(out);
  if (ok && out->bad) ok = err_set(err, ERR_IO, "out of memory");
  buf_wipe(&sums);
  buf_wipe(&file);
  return ok;
}
