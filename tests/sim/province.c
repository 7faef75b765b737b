#include "tests/sim/province.h"

#include "sync/apply.h"
#include "sync/lost.h"
#include "sync/store_log.h"

#include <assert.h>
#include <string.h>

void province_open(struct province *p, size_t members, int64_t wall_ms)
{
  memset(p, 0, sizeof *p);
  p->count = members;
  p->wall_ms = wall_ms;
  p->mono_ms = 1000;
  site_folder(p->folder);
  site_make(&p->hub, p->folder, PROVINCE, wall_ms);
  for (size_t i = 0; i < members; i++) {
    struct member *m = &p->members[i];
    site_make(&m->site, p->folder, 330101 + (uint32_t)i, wall_ms);
    site_trust(&m->site, PROVINCE, 1);
    site_trust(&p->hub, m->site.code, 1);
    retry_init(&m->retry, m->site.code, p->mono_ms);
  }
}

void province_close(struct province *p)
{
  for (size_t i = 0; i < p->count; i++) {
    province_hang_up(p, &p->members[i]);
    province_ghost_end(p, &p->members[i]);
    buf_wipe(&p->members[i].up);
    buf_wipe(&p->members[i].down);
    buf_wipe(&p->members[i].ghost_up);
    site_close(&p->members[i].site);
  }
  for (size_t i = 0; i < p->ingest_count; i++)
    batch_close(p->ingest[i].batch);
  site_close(&p->hub);
  site_folder_remove(p->folder);
}

struct moment province_now(const struct province *p, const struct member *member)
{
  return (struct moment){p->mono_ms, p->wall_ms + p->mono_ms + (member ? member->skew_ms : 0)};
}

void province_connect(struct province *p, struct member *m)
{
  struct err err = ERR_INIT;
  struct exchange_node_config node = {
      .store = m->site.store, .db = m->site.db, .program = "1.0.0", .hubs = &m->hubs};
  struct exchange_hub_config hub = {
      .db = p->hub.db, .province = PROVINCE, .branch = m->site.code, .program = "1.0.0", .run = p->run};
  store_schema(p->hub.store, &hub.schema, hub.schema_hash);
  store_mirror_key(p->hub.store, hub.mirror_key);
  m->settled = m->greeting = false;
  must(exchange_hub_open(&m->hub, &hub, province_now(p, NULL), &err), &err, "exchange_hub_open");
  must(exchange_node_open(&m->node, &node, province_now(p, m), &err), &err, "exchange_node_open");
}

/* What the hub's end handed to ingest is committed all the same; nobody waits for its receipt any more. */
static void forget_hub(struct province *p, struct exchange_hub *hub)
{
  for (size_t i = 0; i < p->ingest_count; i++)
    if (p->ingest[i].hub == hub) p->ingest[i].hub = NULL;
  exchange_hub_close(hub);
}

void province_hang_up(struct province *p, struct member *m)
{
  if (m->hub) forget_hub(p, m->hub);
  exchange_node_close(m->node);
  m->hub = NULL;
  m->node = NULL;
  buf_clear(&m->up);
  buf_clear(&m->down);
}

void province_ghost_end(struct province *p, struct member *m)
{
  if (m->ghost) forget_hub(p, m->ghost);
  m->ghost = NULL;
  buf_clear(&m->ghost_up);
}

void province_meet(struct province *p, struct member *m)
{
  p->mono_ms += 60000;
  province_connect(p, m);
  province_settle(p);
  if (m->node) province_hang_up(p, m);
}

void province_cut(struct province *p, struct member *m, size_t keep)
{
  if (!m->node) return;
  province_ghost_end(p, m);
  m->ghost = m->hub;
  m->hub = NULL;
  put_bytes(&m->ghost_up, m->up.data, keep < m->up.size ? keep : m->up.size);
  province_hang_up(p, m);
}

/* As the hub's lines do: the older line goes, and what it brought is stored before the new one is welcomed.
 */
static bool settle(struct province *p, struct member *m)
{
  province_ghost_end(p, m);
  for (size_t i = 0; i < p->ingest_count && !m->settled; i++)
    if (p->ingest[i].batch->head.stream.author == m->site.code) return false;
  m->settled = true;
  return true;
}

static void greet(struct province *p, struct member *m, struct exchange_hub *hub)
{
  m->greeting = hub == m->hub && !settle(p, m);
  if (!m->greeting) exchange_hub_welcome(hub, province_now(p, NULL));
}

static void act(struct province *p, struct member *m, struct exchange_hub *hub)
{
  struct exchange_hub_action action;
  while (exchange_hub_action(hub, &action)) {
    if (p->saw_action) p->saw_action(p->ctx, m, &action);
    if (action.kind == HUB_VIOLATION) p->violations++;
    if (action.kind == HUB_WITNESSED) {
      bool rolled_back = false; /* a note that is not ours is only refused */
      (void)store_witnessed(p->hub.store, m->site.code, (const char *)action.note.p, action.note.size,
                            province_now(p, NULL).wall_ms, &rolled_back, NULL);
    }
    if (action.kind == HUB_HELD) {
      enum lost_verdict lost = LOST_NOT; /* an entry that is not ours is only refused */
      (void)store_lost(p->hub.store, m->site.code, &action.held, province_now(p, NULL).wall_ms, &lost, NULL);
    }
    for (unsigned i = 0; action.kind == HUB_HELLO && i < action.cosigned_count; i++) {
      struct cosignature came = {.size = action.cosigned[i].size,
                                 .line = action.cosigned[i].line.p,
                                 .line_size = action.cosigned[i].line.size,
                                 .heard_ms = province_now(p, NULL).wall_ms};
      (void)store_cosignature(p->hub.store, m->site.code, &came, NULL);
    }
    p->other_hub = p->other_hub || action.other_hub;
    if (action.kind == HUB_HELLO) greet(p, m, hub);
    if (action.kind == HUB_INGEST) {
      assert(p->ingest_count < INGEST_MAX);
      p->ingest[p->ingest_count++] = (struct waiting_batch){hub, action.ticket, action.batch};
    }
    if (action.kind == HUB_CURSOR && action.cursor->author == PROVINCE &&
        (action.cursor->answer == ANSWER_TAKEN || action.cursor->answer == ANSWER_REPLAY)) {
      struct err err = ERR_INIT;
      struct stream stream = {action.cursor->author, action.cursor->lane};
      must(store_cursor(p->hub.store, m->site.code, stream, action.cursor->through,
                        province_now(p, NULL).wall_ms, &err),
           &err, "store_cursor");
    }
  }
}

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Machine to line. */
static bool load(struct province *p, struct member *m, size_t n)
{
  exchange_hub_hold(m->hub, store_listens(p->hub.store), 0);
  exchange_hub_clock(m->hub, p->hub_off_ms);
  struct span out = exchange_node_output(m->node);
  size_t up = least(out.size, n);
  put_bytes(&m->up, out.p, up);
  exchange_node_sent(m->node, up, province_now(p, m));
  out = exchange_hub_output(m->hub);
  size_t down = least(out.size, n);
  put_bytes(&m->down, out.p, down);
  exchange_hub_sent(m->hub, down, province_now(p, NULL));
  return up > 0 || down > 0;
}

/* Line to machine. */
static bool unload(struct province *p, struct member *m, size_t n)
{
  size_t up = m->up_held ? 0 : least(m->up.size, n);
  size_t down = m->down_held ? 0 : least(m->down.size, n);
  if (up > 0) {
    if (p->saw_bytes) p->saw_bytes(p->ctx, m, true, m->up.data, up);
    exchange_hub_input(m->hub, m->up.data, up, province_now(p, NULL));
    buf_drop(&m->up, up);
    act(p, m, m->hub);
  }
  if (down > 0) {
    if (p->saw_bytes) p->saw_bytes(p->ctx, m, false, m->down.data, down);
    exchange_node_input(m->node, m->down.data, down, province_now(p, m));
    buf_drop(&m->down, down);
  }
  return up > 0 || down > 0;
}

bool province_turn(struct province *p, struct member *m, size_t n)
{
  bool moved = false;
  if (m->ghost && m->ghost_up.size > 0) {
    size_t some = least(m->ghost_up.size, n);
    exchange_hub_input(m->ghost, m->ghost_up.data, some, province_now(p, NULL));
    buf_drop(&m->ghost_up, some);
    act(p, m, m->ghost);
    moved = true;
  }
  if (!m->node) return moved;
  if (m->greeting && settle(p, m)) {
    greet(p, m, m->hub);
    act(p, m, m->hub);
    moved = true;
  }
  moved |= load(p, m, n);
  moved |= unload(p, m, n);
  bool over = exchange_node_ended(m->node) || exchange_hub_ended(m->hub);
  if (over && exchange_node_output(m->node).size == 0 && exchange_hub_output(m->hub).size == 0 &&
      (m->up.size == 0 || m->up_held) && (m->down.size == 0 || m->down_held)) {
    if (p->saw_end) p->saw_end(p->ctx, m);
    province_hang_up(p, m);
    return true;
  }
  return moved;
}

void province_ingest(struct province *p, size_t n, bool crash)
{
  struct err err = ERR_INIT;
  struct batch *batches[INGEST_MAX];
  struct apply_result results[INGEST_MAX];
  struct moment now = province_now(p, NULL);
  n = least(n, p->ingest_count);
  if (n == 0) return;
  for (size_t i = 0; i < n; i++)
    batches[i] = p->ingest[i].batch;
  bool stored = store_apply(p->hub.store, batches, n, now.wall_ms, results, &err);
  /* A log that was rolled back takes nothing; any other refusal is a fault of the test. */
  must(stored || err.kind == ERR_CONFLICT, &err, "store_apply at the hub");
  must(store_sign_log(p->hub.store, now.wall_ms, &err), &err, "store_sign_log at the hub");
  if (crash) {
    for (size_t i = 0; i < p->count; i++) {
      province_hang_up(p, &p->members[i]);
      province_ghost_end(p, &p->members[i]);
    }
    for (size_t i = 0; i < p->ingest_count; i++)
      batch_close(p->ingest[i].batch);
    p->ingest_count = 0;
    site_crash(&p->hub, now.wall_ms);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    struct waiting_batch *w = &p->ingest[i];
    if (w->hub) exchange_hub_ingested(w->hub, w->ticket, stored ? &results[i] : NULL, now.wall_ms, &err, now);
    batch_close(w->batch);
  }
  p->ingest_count -= n;
  memmove(p->ingest, p->ingest + n, p->ingest_count * sizeof *p->ingest);
}

void province_wake(struct province *p)
{
  struct err err = ERR_INIT;
  must(store_sign_head(p->hub.store, province_now(p, NULL).wall_ms, &err), &err, "store_sign_head");
  for (size_t i = 0; i < p->count; i++)
    if (p->members[i].hub) exchange_hub_wake(p->members[i].hub, province_now(p, NULL));
}

void province_tick(struct province *p)
{
  for (size_t i = 0; i < p->count; i++) {
    struct member *m = &p->members[i];
    struct moment node_now = province_now(p, m);
    struct moment hub_now = province_now(p, NULL);
    if (m->node && exchange_node_deadline(m->node) <= node_now.mono_ms) exchange_node_tick(m->node, node_now);
    if (m->hub && exchange_hub_deadline(m->hub) <= hub_now.mono_ms) exchange_hub_tick(m->hub, hub_now);
    if (m->ghost && exchange_hub_deadline(m->ghost) <= hub_now.mono_ms) exchange_hub_tick(m->ghost, hub_now);
    if (m->ghost && exchange_hub_ended(m->ghost)) province_ghost_end(p, m);
  }
}

void province_settle(struct province *p)
{
  bool moved = true;
  while (moved) {
    moved = p->ingest_count > 0;
    province_ingest(p, INGEST_MAX, false);
    for (size_t i = 0; i < p->count; i++)
      moved |= province_turn(p, &p->members[i], SIZE_MAX / 8);
  }
}
