#include "hub/board.h"

#include "core/domain/enrolment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 2 }; /* of ours that a branch follows: everybody's and its own */

struct word {
  uint32_t branch;
  bool heard, lost;
  struct branch_fact fact;
  char version[VERSION_TEXT_MAX + 1];
  char reason[48];
  struct {
    struct stream stream;
    uint64_t through;
    int64_t at_ms; /* 0: nothing new */
  } cursors[LANES];
};

struct board {
  pthread_mutex_t lock;
  struct word *words;
  size_t count, room;
};

bool board_open(struct board **out, struct err *err)
{
  struct board *board = calloc(1, sizeof *board);
  if (!board) return err_set(err, ERR_IO, "out of memory for the board");
  pthread_mutex_init(&board->lock, NULL);
  *out = board;
  return true;
}

void board_close(struct board *board)
{
  if (!board) return;
  pthread_mutex_destroy(&board->lock);
  free(board->words);
  free(board);
}

/* The branch's place, with the lock held; NULL without memory: then this word is not written. */
static struct word *find(struct board *board, uint32_t branch)
{
  for (size_t i = 0; i < board->count; i++)
    if (board->words[i].branch == branch) return &board->words[i];
  if (board->count == board->room) {
    size_t room = board->room ? 2 * board->room : 128;
    struct word *words = realloc(board->words, room * sizeof *words);
    if (!words) return NULL;
    board->words = words;
    board->room = room;
  }
  struct word *word = &board->words[board->count++];
  memset(word, 0, sizeof *word);
  word->branch = branch;
  return word;
}

void board_heard(struct board *board, const struct hello *hello, int64_t now_ms)
{
  pthread_mutex_lock(&board->lock);
  struct word *word = find(board, hello->branch);
  if (word) {
    word->heard = true;
    word->lost = false;
    word->fact = (struct branch_fact){.branch = hello->branch,
                                      .epoch = hello->epoch,
                                      .pending = (int64_t)(hello->head_seq - hello->acked_seq),
                                      .oldest_pending_ms = hello->oldest_ms,
                                      .refused = hello->refused,
                                      .skew_ms = hello->wall_ms - now_ms,
                                      .seq = (int64_t)hello->head_seq,
                                      .schema = (int)hello->schema};
    memcpy(word->version, hello->program, sizeof word->version);
    snprintf(word->reason, sizeof word->reason, "%s", hello->trouble);
  }
  pthread_mutex_unlock(&board->lock);
}

void board_cursor(struct board *board, uint32_t branch, const struct cursor *cursor, int64_t now_ms)
{
  pthread_mutex_lock(&board->lock);
  struct word *word = find(board, branch);
  int lane = cursor->lane ? 1 : 0;
  if (word) {
    word->cursors[lane].stream = (struct stream){cursor->author, cursor->lane};
    word->cursors[lane].through = cursor->through;
    word->cursors[lane].at_ms = now_ms;
  }
  pthread_mutex_unlock(&board->lock);
}

void board_lost(struct board *board, uint32_t branch)
{
  pthread_mutex_lock(&board->lock);
  struct word *word = find(board, branch);
  if (word) word->lost = true;
  pthread_mutex_unlock(&board->lock);
}

struct flush {
  struct word *words;
  size_t count;
};

static bool write_words(struct tx *tx, void *ctx, struct err *err)
{
  struct flush *flush = ctx;
  for (size_t i = 0; i < flush->count; i++) {
    struct word *word = &flush->words[i];
    word->fact.version = word->version;
    word->fact.reason = word->reason;
    if (word->heard && !branch_contact_heard(tx, &word->fact, err)) return false;
    if (word->lost && !branch_contact_lost(tx, word->branch, err)) return false;
  }
  return true;
}

static bool write_cursors(struct app *app, const struct flush *flush, struct err *err)
{
  for (size_t i = 0; i < flush->count; i++)
    for (int lane = 0; lane < LANES; lane++) {
      const struct word *word = &flush->words[i];
      if (word->cursors[lane].at_ms &&
          !store_cursor(app->store, word->branch, word->cursors[lane].stream, word->cursors[lane].through,
                        word->cursors[lane].at_ms, err))
        return false;
    }
  return true;
}

/* What could not be written stands behind what has come since: of a line that is lost nobody tells again.
 * With the lock held. */
static void put_back(struct board *board, const struct word *old)
{
  struct word *word = find(board, old->branch);
  if (!word) return;
  if (!word->heard) {
    const bool lost = word->lost;
    word->heard = old->heard;
    word->fact = old->fact;
    memcpy(word->version, old->version, sizeof word->version);
    memcpy(word->reason, old->reason, sizeof word->reason);
    word->lost = lost || old->lost;
  }
  for (int lane = 0; lane < LANES; lane++)
    if (!word->cursors[lane].at_ms) word->cursors[lane] = old->cursors[lane];
}

bool board_flush(struct board *board, struct app *app, struct err *err)
{
  pthread_mutex_lock(&board->lock);
  struct flush flush = {.words = board->words, .count = board->count};
  board->words = NULL;
  board->count = board->room = 0;
  pthread_mutex_unlock(&board->lock);
  bool ok = flush.count == 0 || (app_local(app, write_words, &flush, err) && write_cursors(app, &flush, err));
  pthread_mutex_lock(&board->lock);
  for (size_t i = 0; !ok && i < flush.count; i++)
    put_back(board, &flush.words[i]);
  pthread_mutex_unlock(&board->lock);
  free(flush.words);
  return ok;
}
