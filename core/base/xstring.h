/* xstring.h - text in the parts of a workbook: ECMA-376 22.9.2.19, ST_Xstring.
 *
 * What XML 1.0 cannot hold is written as _xHHHH_, the UTF-16 unit in four hex digits, and "_x005F_" is the
 * underscore that keeps a text from being read so.  Half a character is U+FFFD, as
 * are, in what we write, controls, noncharacters, marks of direction and bytes that are no UTF-8. */
#ifndef SUNLIT_BASE_XSTRING_H
#define SUNLIT_BASE_XSTRING_H

#include "core/base/bytes.h"

void xstring_decode(struct buf *text); /* in place: it only gets shorter */
/* What a cell can hold of a text, at most size bytes, zero-terminated, appended. */
void xstring_encode(struct buf *out, const char *text, size_t size);

#endif
