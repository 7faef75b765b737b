/* fake_log.h - a log in memory that can be made to lie: change a leaf between two of its checkpoints. */
#ifndef SUNLIT_TESTS_FAKE_LOG_H
#define SUNLIT_TESTS_FAKE_LOG_H

#include "sync/note.h"

enum { FAKE_LEAVES = 64 };

struct fake_log {
  struct merkle_hash leaves[FAKE_LEAVES];
  uint8_t secret[SECRET_SIZE];
  struct note_key key;
};

/* Asserts that it works; the key is a new one each time. */
struct fake_log fake_log_make(const char *name);
struct merkle_source fake_log_source(struct fake_log *log); /* borrows it */
/* The signed checkpoint of that size; the caller wipes it. */
struct buf fake_log_note(struct fake_log *log, uint64_t size);

#endif
