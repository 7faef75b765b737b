/* unpacked.h - an evidence bundle as a folder, as tar(1) leaves it.
 *
 * What SHA256SUMS names is read, wherever else the folder has been, and put together again as the archive it
 * was; sync/evidence.h judges that.  OWNERSHIP: the caller's buf. */
#ifndef SUNLIT_VERIFY_UNPACKED_H
#define SUNLIT_VERIFY_UNPACKED_H

#include "core/base/bytes.h"
#include "core/base/err.h"

bool unpacked_is(const char *folder);
bool unpacked_pack(const char *folder, struct buf *out, struct err *err);

#endif
