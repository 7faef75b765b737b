/* Golden traces: what node and hub say to each other, frame by frame, under a virtual clock.
 *
 * Each test is a short story; everything that crosses the line becomes one line of text, and the text must be
 * exactly that of tests/trace/NAME.trace.  `TRACE_WRITE=1 trace_test` writes the files anew: read the diff as
 * carefully as code, it is the protocol that changed. */
#include "core/base/limits.h"
#include "sync/apply.h"
#include "sync/frame.h"
#include "sync/keep_message.h"
#include "sync/log_message.h"
#include "sync/mirror.h"
#include "sync/note.h"
#include "sync/renewal.h"
#include "sync/streams.h"
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

struct story {
  struct province p;
  struct member *node;
  struct buf text;
  struct frame_input up;
  struct frame_input down;
  uint64_t bytes; /* that crossed the line */
  unsigned batches_up;
  bool flip_down; /* the last byte of the next BATCH going down */
  bool flip;      /* the last byte of the next BATCH going up */
  bool hub_full;  /* ingest fails */
};

static struct story story;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
  char line[512];
  va_list args;
  va_start(args, format);
  int n = snprintf(line, sizeof line, "%7.1f  ", (double)(story.p.mono_ms - 1000) / 1000);
  (void)vsnprintf(line + n, sizeof line - (size_t)n, format, args);
  va_end(args);
  put_text(&story.text, line);
  put_u8(&story.text, '\n');
}

static void tell_hello(const struct frame *f)
{
  struct err err = ERR_INIT;
  struct hello m;
  must(hello_decode(&m, f->body, f->size, &err), &err, "HELLO");
  tell("node  HELLO branch %u epoch %u head %u/%llu acked %llu shared %llu directed %llu%s%s", m.branch,
       m.epoch, m.head_epoch, (unsigned long long)m.head_seq, (unsigned long long)m.acked_seq,
       (unsigned long long)m.shared_seq, (unsigned long long)m.directed_seq, m.trouble[0] ? " trouble " : "",
       m.trouble);
}

static void tell_welcome(const struct frame *f)
{
  static const char *const states[] = {"fine", "frozen", "diverged"};
  struct err err = ERR_INIT;
  struct welcome m;
  must(welcome_decode(&m, f->body, f->size, &err), &err, "WELCOME");
  tell("  hub WELCOME head %u/%llu shared %llu directed %llu %s", m.head_epoch,
       (unsigned long long)m.head_seq, (unsigned long long)m.shared_seq, (unsigned long long)m.directed_seq,
       states[m.state]);
}

static void tell_batch(const struct frame *f, bool up)
{
  struct err err = ERR_INIT;
  struct batch_head m;
  if (!batch_peek(&m, f->body, f->size, &err))
    tell("%s BATCH that does not decode", up ? "node " : "  hub");
  else
    tell("%s BATCH %u/%u epoch %u %llu..%llu", up ? "node " : "  hub", m.stream.author, m.stream.lane,
         m.epoch, (unsigned long long)m.first_seq, (unsigned long long)batch_last_seq(&m));
}

static void tell_frame(const struct frame *f, bool up)
{
  struct err err = ERR_INIT;
  struct receipt receipt;
  struct cursor cursor;
  struct refuse refuse;
  struct checkpoint_message checkpoint;
  struct leaves_message leaves;
  struct mirror_reader mirror;
  static struct tiles tiles; /* large */
  struct note note;
  struct checkpoint signed_one;
  switch (f->type) {
  case FRAME_HELLO: tell_hello(f); break;
  case FRAME_WELCOME: tell_welcome(f); break;
  case FRAME_BATCH: tell_batch(f, up); break;
  case FRAME_RECEIPT:
    must(receipt_decode(&receipt, f->body, f->size, &err), &err, "RECEIPT");
    tell("  hub RECEIPT %llu..%llu %s through %llu%s%s", (unsigned long long)receipt.first_seq,
         (unsigned long long)receipt.last_seq, answer_name(receipt.answer),
         (unsigned long long)receipt.through, receipt.rule[0] ? " " : "", receipt.rule);
    break;
  case FRAME_CURSOR:
    must(cursor_decode(&cursor, f->body, f->size, &err), &err, "CURSOR");
    tell("node  CURSOR %u/%u %s through %llu%s%s", cursor.author, cursor.lane, answer_name(cursor.answer),
         (unsigned long long)cursor.through, cursor.rule[0] ? " " : "", cursor.rule);
    break;
  case FRAME_REFUSE:
    must(refuse_decode(&refuse, f->body, f->size, &err), &err, "REFUSE");
    tell("%s REFUSE %s: %s", up ? "node " : "  hub", refuse.rule, refuse.text);
    break;
  case FRAME_CHECKPOINT:
    must(checkpoint_message_decode(&checkpoint, f->body, f->size, &err), &err, "CHECKPOINT");
    must(note_open(&note, (const char *)checkpoint.note.p, checkpoint.note.size, &err), &err, "note");
    must(checkpoint_decode(&signed_one, note.text, note.text_size, &err), &err, "checkpoint");
    tell("  hub CHECKPOINT %llu after %llu, %zu hashes", (unsigned long long)signed_one.size,
         (unsigned long long)checkpoint.old_size, checkpoint.proof.count);
    break;
  case FRAME_LEAVES:
    must(leaves_message_decode(&leaves, f->body, f->size, &err), &err, "LEAVES");
    tell("  hub LEAVES %llu..%llu are %llu.. of %llu, %zu hashes", (unsigned long long)leaves.first_seq,
         (unsigned long long)(leaves.first_seq + leaves.count - 1), (unsigned long long)leaves.first_pos,
         (unsigned long long)leaves.size, leaves.proof.count);
    break;
  case FRAME_MIRROR:
    must(mirror_open(&mirror, f->body, f->size, &err), &err, "MIRROR");
    tell("%s MIRROR %llu..%llu, %llu runs, %llu sealed", up ? "node " : "  hub",
         (unsigned long long)mirror.from, (unsigned long long)mirror.to - 1,
         (unsigned long long)mirror.runs_left, (unsigned long long)mirror.entries.left);
    break;
  case FRAME_TILES:
    must(tiles_decode(&tiles, f->body, f->size, &err), &err, "TILES");
    tell("%s TILES %llu.., %u %s, %llu sealed", up ? "node " : "  hub", (unsigned long long)tiles.from,
         tiles.count, tiles.kind == TILES_HASHES ? "hashes" : "leaves",
         (unsigned long long)tiles.entries.left);
    break;
  default: tell("%s %s", up ? "node " : "  hub", frame_name(f->type));
  }
}

static void saw_bytes(void *ctx, struct member *member, bool up, uint8_t *p, size_t n)
{
  struct err err = ERR_INIT;
  struct frame frame;
  struct frame_input *in = up ? &story.up : &story.down;
  (void)ctx;
  (void)member;
  story.bytes += n;
  must(frame_input_feed(in, p, n, &err), &err, "feed");
  while (frame_input_next(in, &frame, &err) == 1) {
    tell_frame(&frame, up);
    if (frame.type != FRAME_BATCH) continue;
    bool *flip = up ? &story.flip : &story.flip_down;
    if (up) story.batches_up++;
    if (!*flip) continue;
    *flip = false;
    p[(size_t)(frame.body - in->held.data) + frame.size - 1] ^= 1; /* whole frames arrive in these stories */
    tell("      (a bit flips on the way)");
  }
}

static void saw_action(void *ctx, struct member *member, const struct exchange_hub_action *action)
{
  (void)ctx;
  if (action->kind == HUB_RENEW) {
    const struct renewed answer = {.certificate = {(const uint8_t *)"line", 4},
                                   .people = {(const uint8_t *)"pages", 5}};
    tell("      hub issues for %.*s", (int)action->tls_key.size, (const char *)action->tls_key.p);
    exchange_hub_renewed(member->hub, &answer, province_now(&story.p, NULL));
  }
  if (action->kind == HUB_VIOLATION) tell("      hub notes: %s: %s", action->why.rule, action->why.text);
}

static void saw_end(void *ctx, struct member *m)
{
  static const char *const ends[] = {"open", "timeout", "protocol", "dismissed", "done", "refused", "store"};
  (void)ctx;
  const struct exchange_node_facts *node = exchange_node_facts(m->node);
  const struct exchange_hub_facts *hub = exchange_hub_facts(m->hub);
  tell("      line ends: node %s %s, hub %s %s", ends[node->end], node->why.rule, ends[hub->end],
       hub->why.rule);
}

static void forget_frames(void)
{
  frame_input_wipe(&story.up);
  frame_input_wipe(&story.down);
  story.up.allowed = story.down.allowed = 0xffffffff;
}

static void begin(void)
{
  memset(&story, 0, sizeof story);
  province_open(&story.p, 1, START_MS);
  story.node = &story.p.members[0];
  story.p.saw_action = saw_action;
  story.p.saw_bytes = saw_bytes;
  story.p.saw_end = saw_end;
  forget_frames();
}

static void end(const char *name)
{
  char path[256];
  (void)snprintf(path, sizeof path, "%s/tests/trace/%s.trace", SOURCE_DIR, name);
  assert_false(story.text.bad);
  if (getenv("TRACE_WRITE")) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(story.text.data, 1, story.text.size, out), story.text.size);
    assert_int_equal(fclose(out), 0);
  }
  char golden[32768];
  FILE *in = fopen(path, "r");
  assert_non_null(in);
  size_t n = fread(golden, 1, sizeof golden - 1, in);
  (void)fclose(in);
  golden[n] = 0;
  put_u8(&story.text, 0);
  assert_string_equal((const char *)story.text.data, golden);
  assert_true(site_verifies(&story.p.hub));
  assert_true(site_verifies(&story.node->site));
  buf_wipe(&story.text);
  frame_input_wipe(&story.up);
  frame_input_wipe(&story.down);
  province_close(&story.p);
}

static int64_t node_ms(void)
{
  return province_now(&story.p, story.node).wall_ms;
}

static int64_t hub_ms(void)
{
  return province_now(&story.p, NULL).wall_ms;
}

static void settle(void)
{
  while (story.hub_full) {
    if (!province_turn(&story.p, story.node, SIZE_MAX / 8) && story.p.ingest_count == 0) return;
    for (; story.p.ingest_count > 0; story.p.ingest_count--) {
      struct waiting_batch *w = &story.p.ingest[story.p.ingest_count - 1];
      struct err full = ERR_INIT;
      (void)err_rule(&full, ERR_IO, "", "disk_full", "the province's disk is full");
      exchange_hub_ingested(w->hub, w->ticket, NULL, hub_ms(), &full, province_now(&story.p, NULL));
      batch_close(w->batch);
    }
  }
  province_settle(&story.p);
}

static void connect(void)
{
  forget_frames();
  tell("      (a line)");
  province_connect(&story.p, story.node);
  settle();
}

static int64_t next_deadline(void)
{
  int64_t at = INT64_MAX;
  if (story.node->node) at = exchange_node_deadline(story.node->node);
  if (story.node->hub && exchange_hub_deadline(story.node->hub) < at)
    at = exchange_hub_deadline(story.node->hub);
  return at;
}

/* Time goes by, from deadline to deadline. */
static void pass(int64_t ms)
{
  int64_t until = story.p.mono_ms + ms;
  while (next_deadline() <= until) {
    story.p.mono_ms = next_deadline();
    province_tick(&story.p);
    settle();
  }
  story.p.mono_ms = until;
}

static void write_prices(int n)
{
  site_prices(&story.node->site, n, node_ms());
  tell("      (%d at the branch)", n);
  if (story.node->node) exchange_node_wake(story.node->node, province_now(&story.p, story.node));
}

static void edit_product(int64_t id)
{
  site_product(&story.p.hub, id, "product", hub_ms());
  tell("      (1 at the province)");
  province_wake(&story.p);
}

static void one_round_trip_moves_everything(void **state)
{
  (void)state;
  begin();
  site_prices(&story.node->site, 3, node_ms());
  site_product(&story.p.hub, 1, "product", hub_ms());
  site_decide(&story.p.hub, story.node->site.code, "accepted", hub_ms());
  province_wake(&story.p);
  connect();
  pass(5000);
  write_prices(1);
  settle();
  pass(1000);
  edit_product(2);
  settle();
  pass(60 * 1000);
  end("steady");
}

/* Design section 13: one round trip, at most 350 bytes, with nothing to say: the first of a line also says
 * how the log is kept. */
static void an_idle_sync_is_one_round_trip_within_350_bytes(void **state)
{
  (void)state;
  begin();
  write_prices(1);
  edit_product(1);
  connect();
  province_hang_up(&story.p, story.node);
  story.bytes = 0;
  connect();
  print_message("idle sync: %llu bytes in both directions, frame heads included\n",
                (unsigned long long)story.bytes);
  assert_in_range(story.bytes, 1, 350);
  end("idle");
}

static void a_cut_costs_the_batch_in_flight_and_nothing_else(void **state)
{
  (void)state;
  begin();
  write_prices(2500);
  tell("      (a line that is cut inside the third batch)");
  province_connect(&story.p, story.node);
  while (story.batches_up < 2)
    (void)province_turn(&story.p, story.node, 500);
  province_ingest(&story.p, INGEST_MAX, false);
  province_cut(&story.p, story.node, 100);
  connect();
  end("cut");
}

static void a_lost_receipt_is_made_good_by_the_next_welcome(void **state)
{
  (void)state;
  begin();
  write_prices(2);
  story.node->down_held = true;
  connect();
  tell("      (cut: the receipt never arrives)");
  province_cut(&story.p, story.node, 0);
  story.node->down_held = false;
  connect();
  end("lost_receipt");
}

static void a_refused_upload_pauses_alone_and_the_download_goes_on(void **state)
{
  (void)state;
  begin();
  write_prices(2);
  story.flip = true;
  connect();
  edit_product(1);
  settle();
  pass(11 * 60 * 1000);
  end("refused");
}

static void a_refused_download_pauses_alone_and_the_upload_goes_on(void **state)
{
  (void)state;
  begin();
  site_product(&story.p.hub, 1, "product", hub_ms());
  site_decide(&story.p.hub, story.node->site.code, "accepted", hub_ms());
  province_wake(&story.p);
  story.flip_down = true;
  connect();
  write_prices(2);
  settle();
  pass(10 * 60 * 1000);
  end("refused_down");
}

static void a_full_province_is_tried_again_at_the_next_hello(void **state)
{
  (void)state;
  begin();
  story.hub_full = true;
  write_prices(2);
  connect();
  pass(31 * 1000);
  tell("      (there is room again)");
  story.hub_full = false;
  pass(31 * 1000);
  end("province_full");
}

static void a_node_from_an_old_backup_takes_its_history_back_first(void **state)
{
  (void)state;
  char backup[200];
  begin();
  (void)snprintf(backup, sizeof backup, "%s/backup", story.p.folder);
  write_prices(2);
  connect();
  site_backup(&story.node->site, backup);
  write_prices(3);
  settle();
  province_hang_up(&story.p, story.node);
  tell("      (the backup of two is put back)");
  site_restore(&story.node->site, backup, node_ms());
  connect();
  write_prices(1);
  settle();
  end("old_backup");
}

static void a_branch_that_wrote_on_an_old_disk_journals_it_again_behind_its_history(void **state)
{
  (void)state;
  char backup[200];
  begin();
  (void)snprintf(backup, sizeof backup, "%s/backup", story.p.folder);
  write_prices(2);
  connect();
  site_backup(&story.node->site, backup);
  write_prices(3);
  settle();
  province_hang_up(&story.p, story.node);
  tell("      (the backup of two is put back, and the branch writes before it has a line)");
  site_restore(&story.node->site, backup, node_ms());
  site_price(&story.node->site, 7, 777, node_ms());
  connect();
  edit_product(1);
  settle();
  assert_int_equal(site_count(&story.p.hub, "SELECT count(*) FROM price"), 6);
  assert_int_equal(site_count(&story.p.hub, "SELECT count(*) FROM price WHERE price_fen = 777"), 1);
  assert_int_equal(site_count(&story.p.hub, "SELECT count(*) FROM sync_fork"), 0);
  end("parted");
}

static void a_new_disk_is_rebuilt_under_a_new_epoch(void **state)
{
  (void)state;
  begin();
  write_prices(5);
  edit_product(1);
  connect();
  province_hang_up(&story.p, story.node);
  tell("      (a new disk, enrolled again)");
  struct head head = site_head(&story.p.hub, story.node->site.code, 0);
  site_close(&story.node->site);
  char path[sizeof story.node->site.path];
  memcpy(path, story.node->site.path, sizeof path);
  (void)remove(path);
  site_make(&story.node->site, story.p.folder, story.node->site.code, node_ms());
  site_trust(&story.node->site, PROVINCE, 1);
  site_trust(&story.node->site, story.node->site.code, 1);
  site_trust(&story.p.hub, story.node->site.code, 2);
  site_enrol_again(&story.node->site, &head, node_ms());
  connect();
  write_prices(2);
  settle();
  end("new_disk");
}

static void a_silent_province_is_given_up_after_twenty_seconds(void **state)
{
  (void)state;
  begin();
  story.node->down_held = true;
  connect();
  pass(60 * 1000);
  assert_null(story.node->node);
  end("silent_province");
}

static void a_silent_node_is_dropped_before_and_after_its_first_word(void **state)
{
  (void)state;
  begin();
  story.node->up_held = true;
  province_connect(&story.p, story.node);
  story.p.mono_ms += HELLO_WAIT_MS;
  province_tick(&story.p);
  assert_true(exchange_hub_ended(story.node->hub));
  province_hang_up(&story.p, story.node);
  buf_clear(&story.node->up);
  story.node->up_held = false;
  connect();
  story.node->up_held = true;
  story.p.mono_ms += SILENCE_WAIT_MS;
  assert_false(exchange_hub_ended(story.node->hub));
  exchange_hub_tick(story.node->hub, province_now(&story.p, NULL));
  assert_true(exchange_hub_ended(story.node->hub));
  assert_string_equal(exchange_hub_facts(story.node->hub)->why.rule, "silent");
  end("silent_node");
}

/* The node's bytes are made by hand. */
static void say(enum frame_type type, const struct buf *body)
{
  size_t mark = frame_begin(&story.node->up, type);
  put_bytes(&story.node->up, body->data, body->size);
  frame_end(&story.node->up, mark);
}

static struct hello hello_of(struct site *site)
{
  struct hello m = {.branch = site->code, .epoch = site->epoch, .program = "1.0.0", .wall_ms = START_MS};
  return m;
}

static void dial_without_a_word(void)
{
  forget_frames();
  tell("      (a line)");
  province_connect(&story.p, story.node);
  exchange_node_sent(story.node->node, exchange_node_output(story.node->node).size,
                     province_now(&story.p, story.node));
}

static void a_peer_that_breaks_a_rule_is_told_which_and_dropped(void **state)
{
  (void)state;
  struct buf body = BUF_INIT;
  begin();
  struct hello m = hello_of(&story.node->site);
  struct hello other = m;

  dial_without_a_word();
  other.branch++;
  hello_encode(&body, &other);
  say(FRAME_HELLO, &body);
  settle();

  dial_without_a_word();
  other = m;
  other.epoch = 9;
  buf_clear(&body);
  hello_encode(&body, &other);
  say(FRAME_HELLO, &body);
  settle();

  dial_without_a_word(); /* a batch before HELLO */
  say(FRAME_BATCH, &body);
  settle();

  dial_without_a_word(); /* greetings without end */
  buf_clear(&body);
  hello_encode(&body, &m);
  for (int i = 0; i <= HELLO_BURST; i++)
    say(FRAME_HELLO, &body);
  settle();

  dial_without_a_word(); /* a cursor nobody asked for */
  say(FRAME_HELLO, &body);
  struct cursor cursor = {.author = PROVINCE, .through = 5};
  buf_clear(&body);
  cursor_encode(&body, &cursor);
  say(FRAME_CURSOR, &body);
  settle();

  dial_without_a_word(); /* a frame that claims to be too big */
  put_u32(&story.node->up, FRAME_SIZE_MAX);
  put_u8(&story.node->up, FRAME_HELLO);
  settle();
  buf_wipe(&body);
  end("violations");
}

/* The line goes on meanwhile; asking twice on one connection breaks a rule, and so does an answer unasked. */
static void new_certificates_come_once_a_connection(void **state)
{
  (void)state;
  struct renewed got;
  const struct span key = {(const uint8_t *)"the same key", 12};
  begin();
  dial_without_a_word();
  assert_false(exchange_node_renew(story.node->node, key, province_now(&story.p, story.node)));
  province_cut(&story.p, story.node, 0);
  connect();
  assert_false(exchange_node_renewed(story.node->node, &got));
  write_prices(1);
  assert_true(exchange_node_renew(story.node->node, key, province_now(&story.p, story.node)));
  settle();
  assert_true(exchange_node_renewed(story.node->node, &got));
  assert_int_equal(got.people.size, 5);
  assert_memory_equal(got.certificate.p, "line", 4);
  assert_false(exchange_node_renewed(story.node->node, &got));
  assert_false(exchange_node_renew(story.node->node, key, province_now(&story.p, story.node)));
  struct buf body = BUF_INIT;
  const struct renew again = {.tls_key = key};
  renew_encode(&body, &again);
  say(FRAME_RENEW, &body);
  settle();
  buf_wipe(&body);
  end("renewal");
}

static void another_branchs_entries_are_not_taken(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf body = BUF_INIT;
  begin();
  site_product(&story.p.hub, 1, "product", hub_ms());
  must(store_sign_head(story.p.hub.store, hub_ms(), &err), &err, "sign");
  struct hello m = hello_of(&story.node->site);
  m.shared_seq = 1;
  dial_without_a_word();
  hello_encode(&body, &m);
  say(FRAME_HELLO, &body);
  buf_clear(&body);
  must(store_batch_read(story.p.hub.db, (struct stream){PROVINCE, 0}, 0, NULL, NULL, &body, &err), &err,
       "read");
  say(FRAME_BATCH, &body);
  settle();
  buf_wipe(&body);
  end("wrong_stream");
}

static void at_most_four_batches_are_unanswered(void **state)
{
  (void)state;
  begin();
  write_prices(6 * BATCH_ENTRIES_MAX);
  province_connect(&story.p, story.node);
  while (province_turn(&story.p, story.node, SIZE_MAX / 8))
    continue;
  assert_int_equal(story.p.ingest_count, BATCHES_IN_FLIGHT);
  tell("      (the province commits)");
  settle();
  end("in_flight");
}

int main(void)
{
  struct err err = ERR_INIT;
  if (!crypto_start(&err)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_round_trip_moves_everything),
      cmocka_unit_test(an_idle_sync_is_one_round_trip_within_350_bytes),
      cmocka_unit_test(a_cut_costs_the_batch_in_flight_and_nothing_else),
      cmocka_unit_test(a_lost_receipt_is_made_good_by_the_next_welcome),
      cmocka_unit_test(a_refused_upload_pauses_alone_and_the_download_goes_on),
      cmocka_unit_test(a_refused_download_pauses_alone_and_the_upload_goes_on),
      cmocka_unit_test(a_full_province_is_tried_again_at_the_next_hello),
      cmocka_unit_test(a_node_from_an_old_backup_takes_its_history_back_first),
      cmocka_unit_test(a_branch_that_wrote_on_an_old_disk_journals_it_again_behind_its_history),
      cmocka_unit_test(a_new_disk_is_rebuilt_under_a_new_epoch),
      cmocka_unit_test(a_silent_province_is_given_up_after_twenty_seconds),
      cmocka_unit_test(a_silent_node_is_dropped_before_and_after_its_first_word),
      cmocka_unit_test(a_peer_that_breaks_a_rule_is_told_which_and_dropped),
      cmocka_unit_test(new_certificates_come_once_a_connection),
      cmocka_unit_test(another_branchs_entries_are_not_taken),
      cmocka_unit_test(at_most_four_batches_are_unanswered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
