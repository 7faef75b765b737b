/* note.h - signed notes, checkpoints and cosignatures, byte for byte as C2SP has them.
 *
 * A note is a text that ends in a newline, an empty line, and signature lines "— NAME base64(id ‖
 * signature)". A checkpoint is a note whose text is "origin\nsize\nroot\n".  A log signs the text with type
 * 01; a witness signs "cosignature/v1\ntime T\n" before the text with type 04, and its signature carries T.
 * Parsers are strict: canonical base64 and decimals, no control bytes but LF, at most 100 signature lines;
 * lines of unknown keys and types are ignored, as the specification wants.
 * SOURCE: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature. */
#ifndef SUNLIT_SYNC_NOTE_H
#define SUNLIT_SYNC_NOTE_H

#include "sync/merkle.h"

enum {
  NOTE_SIZE_MAX = 64 * 1024, /* 100 lines of 130 bytes fit; a reader needs a bound */
  NOTE_LINES_MAX = 100,      /* golang.org/x/mod refuses more */
  NOTE_NAME_MAX = 120,
  NOTE_KEY_ED25519 = 0x01,
  NOTE_KEY_COSIGNATURE = 0x04
};

/* Who signs: a name, a type and an Ed25519 public key.  id = SHA-256(name ‖ 0A ‖ type ‖ public)[:4]. */
struct note_key {
  char name[NOTE_NAME_MAX + 1];
  uint8_t type;
  uint8_t public_key[PUBLIC_SIZE];
  uint8_t id[4];
};

/* ERR_INPUT when the name is empty, too long, or has a space, '+' or a control byte. */
bool note_key_init(struct note_key *key, const char *name, uint8_t type,
                   const uint8_t public_key[PUBLIC_SIZE], struct err *err);
/* "name+hex8(id)+base64(type ‖ public)": appended to out / parsed with the id checked. */
void note_key_encode(struct buf *out, const struct note_key *key);
bool note_key_decode(struct note_key *key, const char *vkey, struct err *err);

struct checkpoint {
  char origin[NOTE_NAME_MAX + 1];
  uint64_t size;
  struct merkle_hash root;
};

void checkpoint_encode(struct buf *out,
                       const struct checkpoint *checkpoint); /* the text, without signatures */
bool checkpoint_decode(struct checkpoint *checkpoint, const char *text, size_t size, struct err *err);

/* Appends the empty line that ends a text; signature lines follow. */
void note_sign(struct buf *out, const char *text, size_t text_size, const struct note_key *key,
               const uint8_t secret[SECRET_SIZE]);
void note_cosign(struct buf *out, const char *text, size_t text_size, const struct note_key *key,
                 const uint8_t secret[SECRET_SIZE], uint64_t time_s);

/* Where text and signature lines of a note stand; nothing is verified by this. */
struct note {
  const char *text; /* borrowed; text_size includes its last newline */
  size_t text_size;
  const char *lines;
  size_t lines_size;
  size_t line_count;
};

bool note_open(struct note *note, const char *bytes, size_t size, struct err *err);
/* True when one line of the note is a good signature of this key; a cosignature also gives its time.
 * ERR_MISSING when no line is of this key, ERR_REFUTED when the one that is does not verify. */
bool note_verify(const struct note *note, const struct note_key *key, uint64_t *time_s, struct err *err);
/* One signature line on its own, as a witness returns it. */
bool note_line_verify(const char *line, size_t size, const char *text, size_t text_size,
                      const struct note_key *key, uint64_t *time_s, struct err *err);

#endif
