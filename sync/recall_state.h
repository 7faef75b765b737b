/* recall_state.h - what recall.c, which gathers, and recall_assemble.c, which puts together, share. */
#ifndef SUNLIT_SYNC_RECALL_STATE_H
#define SUNLIT_SYNC_RECALL_STATE_H

#include "sync/note.h"
#include "sync/recall.h"

#include <pthread.h>

struct recall {
  pthread_mutex_t lock;
  struct db *db;  /* what was gathered */
  struct db *log; /* of the backup, for reading */
  uint32_t province;
  uint64_t have; /* leaves of the backup */
  struct note_key log_key;
  uint8_t secret[SECRET_SIZE];
  uint8_t mirror_key[BOX_KEY_SIZE];
};

#endif
