/* The board: every county's state, worst first, and the hub's own state in one look. */
#include "core/base/clock.h"
#include "core/domain/domain.h"
#include "core/domain/enrolment.h"
#include "core/domain/proposal.h"
#include "hub/api.h"
#include "hub/branch_pace.h"
#include "hub/hearing.h"
#include "hub/hub.h"
#include "hub/outside.h"
#include "program/clock_watch.h"
#include "site/answer.h"
#include "site/division_names.h"
#include "site/routes.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOARD_MAX = 256, SKEW_MAX_MS = 10 * 60 * 1000 };

/* Worst first. */
enum state { ATTENTION, OFFLINE, UNKNOWN, PENDING, SYNCED, STATES };
static const char *const state_words[STATES] = {"attention", "offline", "unknown", "pending", "synced"};

struct seat {
  struct branch_state b; /* its texts are not used after the callback */
  char name_zh[48], name_en[80], version[32], reason[48];
  enum state state;
  bool frozen, quarantined, parked, paced, two_hubs;
  int64_t since_ms;
};

struct seating {
  struct seat seats[BOARD_MAX];
  size_t count;
  int64_t counts[STATES];
};

static void take_seat(void *ctx, const struct branch_state *row)
{
  struct seating *board = ctx;
  if (board->count == BOARD_MAX) return;
  struct seat *seat = &board->seats[board->count++];
  *seat = (struct seat){.b = *row};
  snprintf(seat->name_zh, sizeof seat->name_zh, "%s", row->name_zh);
  snprintf(seat->name_en, sizeof seat->name_en, "%s", row->name_en);
  snprintf(seat->version, sizeof seat->version, "%s", row->version ? row->version : "");
  snprintf(seat->reason, sizeof seat->reason, "%s", row->reason ? row->reason : "");
}

static struct seat *seat_of(struct seating *board, uint32_t code)
{
  for (size_t i = 0; i < board->count; i++)
    if (board->seats[i].b.code == code) return &board->seats[i];
  return NULL;
}

/* What the log itself knows against a branch: two versions of an entry, entries that wait for an upgrade. */
static bool read_faults(struct seating *board, struct db *db, struct err *err)
{
  struct seat *seat;
  struct query q = query_open(
      db, "SELECT author FROM sync_stream WHERE frozen_ms > 0 AND lane = 0 /* scan: one row a branch */",
      err);
  while (query_row(&q))
    if ((seat = seat_of(board, (uint32_t)column_int(&q, 0)))) seat->frozen = true;
  if (!query_close(&q)) return false;
  q = query_open(db,
                 "SELECT d.code FROM division d WHERE d.level = 'county' AND EXISTS("
                 "SELECT 1 FROM sync_quarantine q WHERE q.author = d.code AND q.state = 'waiting')"
                 " /* scan: meant, 102 divisions, a lookup each */",
                 err);
  while (query_row(&q))
    if ((seat = seat_of(board, (uint32_t)column_int(&q, 0)))) seat->parked = true;
  return query_close(&q);
}

/* A branch says what is pending when it greets; what has come since is in the log, and counts as come at
 * once. */
static bool count_received(struct seating *board, struct db *db, struct err *err)
{
  for (size_t i = 0; i < board->count; i++) {
    struct branch_state *b = &board->seats[i].b;
    struct head head;
    if (b->pending == 0) continue;
    if (!stream_head(db, (struct stream){b->code, 0}, &head, err)) return false;
    int64_t left = b->seq - (int64_t)head.seq;
    if (head.seq > 0 && left < b->pending) b->pending = left > 0 ? left : 0;
    if (b->pending == 0) b->oldest_pending_ms = 0;
  }
  return true;
}

static void attention(struct seat *seat, const char *reason)
{
  seat->state = ATTENTION;
  if (!*seat->reason) snprintf(seat->reason, sizeof seat->reason, "%s", reason);
}

static void judge(struct seat *seat)
{
  const struct branch_state *b = &seat->b;
  seat->since_ms = b->since_ms;
  if (!b->enrolled) {
    seat->state = UNKNOWN;
    snprintf(seat->reason, sizeof seat->reason, "%s",
             b->revoked   ? "revoked"
             : b->invited ? "invited"
                          : "never");
  } else if (seat->frozen) {
    *seat->reason = 0;
    attention(seat, "fork");
  } else if (seat->parked) {
    attention(seat, "parked");
  } else if (seat->two_hubs) {
    *seat->reason = 0;
    attention(seat, "two_hubs");
  } else if (seat->paced) {
    *seat->reason = 0;
    attention(seat, "branch_pace");
  } else if (*seat->reason) {
    attention(seat, seat->reason);
  } else if (b->refused > 0) {
    attention(seat, "refused");
  } else if (b->connected && (b->skew_ms > SKEW_MAX_MS || b->skew_ms < -SKEW_MAX_MS)) {
    attention(seat, "skew");
  } else if (!b->last_contact_ms) {
    seat->state = UNKNOWN;
    snprintf(seat->reason, sizeof seat->reason, "unheard"); /* let in, and has not called yet */
  } else if (!b->connected) {
    seat->state = OFFLINE;
  } else if (b->pending > 0) {
    seat->state = PENDING;
    seat->since_ms = b->oldest_pending_ms;
  } else {
    seat->state = SYNCED;
  }
}

/* Within a state, who has been so the longest comes first; then by code. */
static int compare(const void *left, const void *right)
{
  const struct seat *a = left, *b = right;
  if (a->state != b->state) return a->state < b->state ? -1 : 1;
  bool timed = a->state == OFFLINE || a->state == PENDING;
  if (timed && a->since_ms != b->since_ms) return a->since_ms < b->since_ms ? -1 : 1;
  return a->b.code < b->b.code ? -1 : a->b.code > b->b.code;
}

static struct seating *read_seats(struct hub *hub, struct db *db, int64_t now_ms, struct err *err)
{
  struct seating *board = calloc(1, sizeof *board);
  if (!board) {
    err_set(err, ERR_IO, "no memory for the board");
    return NULL;
  }
  if (!branch_list(db, now_ms, take_seat, board, err) || !read_faults(board, db, err) ||
      !count_received(board, db, err)) {
    free(board);
    return NULL;
  }
  int64_t off_ms = clock_heard_off_ms(&hub->app, now_ms);
  for (size_t i = 0; i < board->count; i++) {
    if (off_ms) board->seats[i].b.skew_ms += off_ms; /* it is ours that is wrong */
    board->seats[i].two_hubs = hearing_two_hubs(hub->hearing, board->seats[i].b.code);
    board->seats[i].paced = branch_pace_late(hub->pace, board->seats[i].b.code, clock_boot_ms());
    judge(&board->seats[i]);
    board->counts[board->seats[i].state]++;
  }
  qsort(board->seats, board->count, sizeof *board->seats, compare);
  return board;
}

static void counts_out(struct json_out *out, const char *key, const struct seating *board)
{
  out_object(out, key);
  for (int i = 0; i < STATES; i++)
    out_int(out, state_words[i], board->counts[i]);
  out_end(out);
}

static const char *upgrade_of(const struct seat *seat)
{
  static const char *const words[STATES] = {
      [ATTENTION] = "attention", [OFFLINE] = "wait_link", [PENDING] = "wait_pending", [SYNCED] = "ok"};
  return words[seat->state];
}

static void seat_out(struct json_out *out, const struct seat *seat, struct division_names *names)
{
  const struct branch_state *b = &seat->b;
  bool heard = b->last_contact_ms > 0;
  out_object(out, NULL);
  out_int(out, "code", b->code);
  out_text(out, "name_zh", seat->name_zh);
  out_text(out, "name_en", seat->name_en);
  out_int(out, "prefecture_code", b->prefecture_code);
  out_text(out, "prefecture_name", division_name(names, b->prefecture_code));
  out_text(out, "state", state_words[seat->state]);
  out_int_or_null(out, "since_ms", seat->since_ms);
  out_int_or_null(out, "last_contact_ms", b->last_contact_ms);
  if (heard) {
    out_int(out, "pending", b->pending);
    out_int_or_null(out, "oldest_pending_ms", b->oldest_pending_ms);
    out_int(out, "refused", b->refused);
    out_int(out, "skew_ms", b->skew_ms);
    out_text(out, "version", seat->version);
    out_int(out, "schema", b->schema);
  } else { /* never counted is not zero */
    out_null(out, "pending");
    out_null(out, "oldest_pending_ms");
    out_null(out, "refused");
    out_null(out, "skew_ms");
    out_null(out, "version");
    out_null(out, "schema");
  }
  out_text_or_null(out, "upgrade", upgrade_of(seat));
  out_int_or_null(out, "epoch", b->epoch);
  out_int_or_null(out, "seq", b->seq);
  out_text(out, "reason", seat->reason);
  out_end(out);
}

/* A hub that has just started signs nothing until its branches have called; null when it does not wait. */
static void listening_out(struct json_out *out, struct hub *hub, bool whom)
{
  struct hearing_state *state = malloc(sizeof *state);
  if (state) hearing_look(hub->hearing, state);
  if (!state || !state->listens) {
    out_null(out, "listening");
    free(state);
    return;
  }
  out_object(out, "listening");
  out_int(out, "until_ms", state->until_ms);
  out_int(out, "branches", state->branches);
  out_int(out, "heard", (int64_t)state->heard_count);
  if (whom) {
    out_array(out, "codes");
    for (size_t i = 0; i < state->heard_count; i++)
      out_int(out, NULL, state->heard[i]);
    out_end(out);
  }
  out_end(out);
  free(state);
}

static bool read_board(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                       struct err *err)
{
  struct division_names names;
  struct quorum_state log;
  struct hub *hub = hub_of(app);
  int64_t now_ms = clock_wall_ms();
  if (!quorum_read(hub, db, now_ms, &log, err) ||
      !division_names_open(&names, db, answer_language(request), err))
    return false;
  struct seating *board = read_seats(hub, db, now_ms, err);
  if (!board) {
    division_names_close(&names);
    return false;
  }
  out_object(out, NULL);
  out_int(out, "now_ms", now_ms);
  counts_out(out, "counts", board);
  out_array(out, "branches");
  for (size_t i = 0; i < board->count; i++)
    seat_out(out, &board->seats[i], &names);
  out_end(out);
  quorum_out(out, hub, &log);
  outside_out(out, hub->outside);
  listening_out(out, hub, true);
  out_end(out);
  division_names_close(&names);
  free(board);
  return true;
}

void hub_get_board(struct web_request *request, void *app)
{
  answer_reading(request, app, read_board);
}

void hub_get_board_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"name_zh", "支行", CELL_TEXT, 14, NULL},   {"code", "代码", CELL_TEXT, 10, NULL},
      {"state", "状态", CELL_SITE, 10, NULL},     {"reason", "原因", CELL_SITE, 20, NULL},
      {"since_ms", "起于", CELL_MS, 20, NULL},    {"last_contact_ms", "最近联系", CELL_MS, 20, NULL},
      {"pending", "待上报", CELL_INT, 8, NULL},   {"oldest_pending_ms", "最早", CELL_MS, 20, NULL},
      {"refused", "未接受", CELL_INT, 8, NULL},   {"skew_ms", "时钟差（毫秒）", CELL_INT, 16, NULL},
      {"version", "版本", CELL_TEXT, 10, NULL},   {"schema", "库结构", CELL_INT, 8, NULL},
      {"upgrade", "可升级", CELL_SITE, 10, NULL},
  };
  static const struct list_sheet sheet = {"支行看板", "branches", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_board, &sheet);
}

static const char *state_of(const struct seating *board, const struct trouble *trouble, bool late)
{
  if (*trouble->rule || late) return "attention";
  for (int i = 0; i < STATES; i++)
    if (board->counts[i] && i != UNKNOWN) return state_words[i];
  return "unknown";
}

static bool read_status(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  struct trouble trouble;
  struct quorum_state log;
  int64_t now_ms = clock_wall_ms(), rev, at_ms, products, open = 0;
  (void)request;
  site_attention(app, &trouble);
  if (!quorum_read(hub_of(app), db, now_ms, &log, err) ||
      !catalogue_state(db, &rev, &at_ms, &products, err) || !proposal_count_open(db, &open, err))
    return false;
  struct seating *board = read_seats(hub_of(app), db, now_ms, err);
  if (!board) return false;
  out_object(out, NULL);
  out_text(out, "kind", "hub");
  out_int(out, "code", app->code);
  bool ok = site_name_out(app, db, out, err);
  out_text(out, "version", SUNLIT_VERSION);
  out_int(out, "schema", domain_schema_number());
  out_int(out, "now_ms", now_ms);
  out_text(out, "state", state_of(board, &trouble, log.late));
  out_int_or_null(out, "since_ms", trouble.since_ms);
  trouble_out(out, &trouble);
  counts_out(out, "branches", board);
  quorum_out(out, hub_of(app), &log);
  out_int(out, "reviews", open);
  listening_out(out, hub_of(app), false);
  out_object(out, "catalogue");
  out_int(out, "rev", rev);
  out_int_or_null(out, "at_ms", at_ms);
  out_int(out, "products", products);
  out_end(out);
  out_end(out);
  free(board);
  return ok;
}

void hub_get_status(struct web_request *request, void *app)
{
  answer_reading(request, app, read_status);
}
