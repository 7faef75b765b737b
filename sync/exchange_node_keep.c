/* The keeper's part of a node's conversation: what it takes of the log, and what it asks for (keep.h).
 * docs/PROTOCOL.md 7.15 to 7.17. */
#include "sync/exchange_node_state.h"
#include "sync/keep.h"
#include "sync/store_log.h"

#include <stdlib.h>

/* What a disk refuses now is asked for again at the next greeting. */
static void ask(struct exchange_node *x, struct moment now)
{
  uint64_t tile = 0;
  bool wants = false;
  if (!x->keeps || x->wire.end || !store_keep_step(x->config.store, &wants, &tile, NULL)) return;
  if (!wants || (x->wanting && x->wanted == tile)) return;
  size_t mark = frame_begin(&x->wire.out, FRAME_WANT);
  want_encode(&x->wire.out, tile);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, now);
  x->wanting = true;
  x->wanted = tile;
}

void node_keep_welcome(struct exchange_node *x, const struct welcome *m, struct moment now)
{
  struct span id;
  const bool first = !x->keeps;
  if (tail_get(m->tail, TAIL_KEEPING, &id)) x->keeps = true;
  if (x->distrust.kind) return;
  if (first && x->keeps) node_keep_judge(x, now);
  x->wanting = false;
  ask(x, now);
}

void node_keep_judge(struct exchange_node *x, struct moment now)
{
  enum keep_led led = KEEP_OPEN;
  if (!x->mirror_settled || x->distrust.kind ||
      !store_keep_prove(x->config.store, x->facts.kept_strayed == 0, now.wall_ms, &led, NULL))
    return;
  if (led != KEEP_STRAYS) return;
  x->facts.kept_strayed++;
  x->keeping_told = false;
}

/* Does a later piece than the one that is due come, or has the disk refused this one? */
static bool is_lost(struct exchange_node *x, const struct tiles *m)
{
  uint64_t through = 0;
  return !keep_through(x->config.db, &through, NULL) || m->from > through;
}

/* Kept, and not believed until it leads to the checkpoint; what cannot be kept now, or leads elsewhere, is
 * sent again after the next greeting. */
void node_keep_tiles(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  enum keep_led led = KEEP_OPEN;
  if (x->distrust.kind || !x->mirror_settled) return;
  struct tiles *m = malloc(sizeof *m);
  if (!m) return;
  if (!tiles_decode(m, frame->body, frame->size, &err))
    wire_end(&x->wire, END_PROTOCOL, &err, now);
  else if (!store_keep(x->config.store, m, x->facts.kept_strayed == 0, now.wall_ms, &led, &err) ||
           led == KEEP_STRAYS || is_lost(x, m))
    x->keeping_told = false;
  else
    ask(x, now);
  x->facts.kept_strayed += led == KEEP_STRAYS;
  free(m);
}

void node_keep_keepers(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct keepers *all = malloc(sizeof *all);
  if (!all) return;
  if (!keepers_decode(all, frame->body, frame->size, &err))
    wire_end(&x->wire, END_PROTOCOL, &err, now);
  else if (store_keepers(x->config.store, frame->body, frame->size, &err))
    ask(x, now);
  free(all);
}
