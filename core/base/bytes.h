/* bytes.h - a growing buffer, and a bounded reader and writer with a sticky error.
 *
 * All integers are big-endian.  A writer appends to a buf; running out of memory or of its bound makes it
 * bad, and it stays bad: encoders are straight lines and ask once at the end.  A reader never reads past its
 * end; a short read makes it bad and returns zeros.  reader_done is true only when every byte was taken.
 * OWNERSHIP: a buf owns its bytes, buf_wipe gives them back; a reader borrows. */
#ifndef SUNLIT_BASE_BYTES_H
#define SUNLIT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
  uint8_t *data;
  size_t size;
  size_t room;
  size_t max; /* 0: no bound of its own */
  bool bad;
};

#define BUF_INIT                                                                                             \
  {                                                                                                          \
    0                                                                                                        \
  }

void buf_wipe(struct buf *buf);
void buf_clear(struct buf *buf); /* size 0, keeps the room and the bound, forgets bad */
uint8_t *buf_reserve(struct buf *buf,
                     size_t n);           /* n more bytes, contents undefined; NULL and bad when it cannot */
void buf_drop(struct buf *buf, size_t n); /* takes n bytes off the front */

void put_u8(struct buf *buf, uint8_t v);
void put_u16(struct buf *buf, uint16_t v);
void put_u32(struct buf *buf, uint32_t v);
void put_u64(struct buf *buf, uint64_t v);
void put_varint(struct buf *buf, uint64_t v); /* LEB128, at most 10 bytes, shortest form only */
void put_bytes(struct buf *buf, const void *p, size_t n);
void put_vec8(struct buf *buf, const void *p, size_t n);  /* n <= 255, else bad */
void put_vec16(struct buf *buf, const void *p, size_t n); /* n <= 65535, else bad */
void put_text(struct buf *buf, const char *s);            /* the characters, no length, no zero */

struct reader {
  const uint8_t *p;
  const uint8_t *end;
  bool bad;
};

struct reader reader_of(const void *p, size_t n);
uint8_t get_u8(struct reader *r);
uint16_t get_u16(struct reader *r);
uint32_t get_u32(struct reader *r);
uint64_t get_u64(struct reader *r);
uint64_t get_varint(struct reader *r);                /* refuses a longer form than the shortest */
const uint8_t *get_bytes(struct reader *r, size_t n); /* borrowed from the input; NULL when short */
const uint8_t *get_vec8(struct reader *r, size_t *n);
const uint8_t *get_vec16(struct reader *r, size_t *n);
size_t reader_left(const struct reader *r);
bool reader_done(const struct reader *r);

/* Lower-case hex.  hex_encode writes 2n characters and a zero; hex_decode refuses anything but exactly 2n. */
void hex_encode(char *out, const void *p, size_t n);
bool hex_decode(void *out, size_t n, const char *text);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing past U+10FFFF) without zero bytes.
 */
bool utf8_valid(const void *text, size_t n);

#endif
