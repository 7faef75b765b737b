/* The log over a real database: tiles as C2SP has them, the same root as a plain recursion, and nothing
 * signed twice. */
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char entries_sql[] =
    "CREATE TABLE sync_entry(pos INTEGER PRIMARY KEY, record BLOB NOT NULL, payload BLOB,"
    " signature BLOB, received_ms INTEGER NOT NULL) STRICT";

static void make_tables(struct db *db, const char *path)
{
  char sql[4096] = "";
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  size_t n = fread(sql, 1, sizeof sql - 1, file);
  sql[n] = 0;
  fclose(file);
  assert_true(db_exec(db, sql, NULL));
}

static struct db *open_log(void)
{
  struct db *db = NULL;
  assert_true(db_open(&db, ":memory:", DB_CREATE, NULL));
  assert_true(db_exec(db, entries_sql, NULL));
  make_tables(db, SOURCE_DIR "/sync/schema/02_tlog.sql");
  make_tables(db, SOURCE_DIR "/sync/schema/09_lost_leaf.sql");
  return db;
}

static void record_of(uint64_t pos, char out[32])
{
  snprintf(out, 32, "record %llu", (unsigned long long)pos);
}

static void add_entries(struct db *db, uint64_t from, uint64_t to)
{
  uint8_t signature[SIGNATURE_SIZE] = {7};
  for (uint64_t pos = from; pos < to; pos++) {
    char record[32];
    record_of(pos, record);
    struct query q = query_open(db, "INSERT INTO sync_entry VALUES(?1, ?2, NULL, ?3, ?4)", NULL);
    query_int(&q, 1, (int64_t)pos);
    query_blob(&q, 2, record, strlen(record));
    if (pos % 100 == 99) query_blob(&q, 3, signature, sizeof signature);
    query_int(&q, 4, (int64_t)(1780000000000 + pos));
    assert_true(query_run(&q));
  }
}

static struct merkle_hash leaf_of(uint64_t pos)
{
  uint8_t signature[SIGNATURE_SIZE] = {7};
  char record[32];
  record_of(pos, record);
  struct buf leaf = BUF_INIT;
  leaf_encode(&leaf, record, strlen(record), 1780000000000 + pos, signature,
              pos % 100 == 99 ? sizeof signature : 0);
  struct merkle_hash hash;
  merkle_leaf(&hash, leaf.data, leaf.size);
  buf_wipe(&leaf);
  return hash;
}

static struct merkle_hash plain_root(uint64_t start, uint64_t size)
{
  if (size == 1) return leaf_of(start);
  uint64_t k = 1;
  while (k * 2 < size)
    k *= 2;
  struct merkle_hash left = plain_root(start, k);
  struct merkle_hash right = plain_root(start + k, size - k);
  struct merkle_hash out;
  merkle_node(&out, &left, &right);
  return out;
}

static void paths_are_written_in_groups_of_three_digits(void **state)
{
  (void)state;
  static const struct {
    struct tile tile;
    const char *path;
  } cases[] = {
      {{0, 0, 256}, "tile/0/000"},
      {{0, 1234067, 256}, "tile/0/x001/x234/067"},
      {{2, 0, 1}, "tile/2/000.p/1"},
      {{TILE_ENTRIES, 273, 112}, "tile/entries/273.p/112"},
      {{1, 1000, 255}, "tile/1/x001/000.p/255"},
      {{TILE_LEVEL_MAX, 0, 1}, "tile/7/000.p/1"},
      {{0, UINT64_C(999999999999999999), 256}, "tile/0/x999/x999/x999/x999/x999/999"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char path[TILE_PATH_MAX];
    tile_path(path, &cases[i].tile);
    assert_string_equal(path, cases[i].path);
    struct tile back;
    assert_true(tile_parse(&back, path, NULL));
    assert_int_equal(back.level, cases[i].tile.level);
    assert_int_equal(back.n, cases[i].tile.n);
    assert_int_equal(back.width, cases[i].tile.width);
  }
}

static void any_other_spelling_of_a_path_is_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "",
      "tile/0/0",
      "tile/0/0000",
      "tile/8/000",
      "tile/00/000",
      "tile/0/x000/001",
      "tile/0/x01/001",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
      "tile/0/000.p/01",
      "tile/0/000/",
      "tile/0/000.p/",
      "tile/-1/000",
      "tile/entries/",
      "tile/entries/x001",
      "Tile/0/000",
      "tile/0/001 ",
      "tile/0/x001/234x",
      "tile/0/x001/x999/x999/x999/x999/x999/999",
      "tile/x/000",
      "tile/",
  };
  struct tile tile;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_false(tile_parse(&tile, wrong[i], NULL));
}

static void widths_of_70000_leaves_are_those_of_the_specification(void **state)
{
  (void)state;
  assert_int_equal(tile_width(0, 272, 70000), 256);
  assert_int_equal(tile_width(0, 273, 70000), 112);
  assert_int_equal(tile_width(0, 274, 70000), 0);
  assert_int_equal(tile_width(1, 0, 70000), 256);
  assert_int_equal(tile_width(1, 1, 70000), 17);
  assert_int_equal(tile_width(2, 0, 70000), 1);
  assert_int_equal(tile_width(3, 0, 70000), 0);
}

static void root_is_that_of_the_plain_tree_however_entries_arrive(void **state)
{
  (void)state;
  struct db *db = open_log();
  uint64_t size = 0;
  srandom(7);
  for (int round = 0; round < 40; round++) {
    uint64_t next = size + 1 + (uint64_t)(round % 3 ? random() % 40 : random() % 700);
    add_entries(db, size, next);
    size = next;
    struct err err = ERR_INIT;
    if (!tlog_integrate(db, &err)) fail_msg("%s", err.text);
    struct tlog_state tree;
    assert_true(tlog_state(db, &tree, NULL));
    assert_int_equal(tree.size, size);
    struct merkle_hash plain = plain_root(0, size);
    assert_memory_equal(tree.root.bytes, plain.bytes, HASH_SIZE);
  }
  db_close(db);
}

static void proofs_come_from_the_tiles(void **state)
{
  (void)state;
  struct db *db = open_log();
  add_entries(db, 0, 1500);
  assert_true(tlog_integrate(db, NULL));
  struct tlog_reader reader;
  struct merkle_source source = tlog_source(&reader, db, 1500);
  struct merkle_hash root = plain_root(0, 1500);
  for (uint64_t i = 0; i < 1500; i += 97) {
    struct merkle_proof proof;
    struct merkle_hash leaf = leaf_of(i);
    assert_true(merkle_prove_inclusion(&source, i, 1500, &proof, NULL));
    assert_true(merkle_verify_inclusion(&leaf, i, 1500, &proof, &root));
  }
  struct merkle_hash old = plain_root(0, 1000);
  struct merkle_proof proof;
  assert_true(merkle_prove_consistency(&source, 1000, 1500, &proof, NULL));
  assert_true(merkle_verify_consistency(1000, &old, 1500, &root, &proof));
  db_close(db);
}

static void tiles_and_bundles_are_served_at_every_width_the_tree_has(void **state)
{
  (void)state;
  struct db *db = open_log();
  add_entries(db, 0, 300);
  assert_true(tlog_integrate(db, NULL));
  struct buf out = BUF_INIT;
  assert_true(tlog_tile(db, &(struct tile){0, 1, 44}, 300, &out, NULL));
  assert_int_equal(out.size, 44 * 32);
  struct merkle_hash leaf = leaf_of(256 + 43);
  assert_memory_equal(out.data + 43 * 32, leaf.bytes, 32);
  buf_clear(&out);
  assert_true(tlog_tile(db, &(struct tile){TILE_ENTRIES, 0, 3}, 300, &out, NULL));
  struct reader r = reader_of(out.data, out.size);
  for (int i = 0; i < 3; i++) {
    size_t n = 0;
    const uint8_t *bytes = get_vec16(&r, &n);
    struct leaf parsed;
    assert_true(leaf_decode(&parsed, bytes, n, NULL));
    assert_int_equal(parsed.received_ms, 1780000000000 + i);
  }
  assert_true(reader_done(&r));
  assert_false(tlog_tile(db, &(struct tile){0, 1, 45}, 300, &out, NULL));
  assert_false(tlog_tile(db, &(struct tile){0, 2, 1}, 300, &out, NULL));
  assert_false(tlog_tile(db, &(struct tile){1, 0, 2}, 300, &out, NULL));
  buf_wipe(&out);
  db_close(db);
}

static void a_gap_in_the_entries_is_never_taken_into_the_tree(void **state)
{
  (void)state;
  struct db *db = open_log();
  add_entries(db, 0, 3);
  add_entries(db, 4, 5);
  struct err err = ERR_INIT;
  assert_true(db_begin(db, NULL));
  assert_false(tlog_integrate(db, &err));
  assert_int_equal(err.kind, ERR_CORRUPT);
  db_rollback(db);
  struct tlog_state tree;
  assert_true(tlog_state(db, &tree, NULL));
  assert_int_equal(tree.size, 0);
  db_close(db);
}

static void a_size_is_signed_once_and_never_a_smaller_one(void **state)
{
  (void)state;
  struct db *db = open_log();
  uint8_t public_key[PUBLIC_SIZE];
  uint8_t secret[SECRET_SIZE];
  sign_pair(public_key, secret);
  add_entries(db, 0, 10);
  assert_true(tlog_integrate(db, NULL));
  assert_true(tlog_sign(db, "hub.example/log", secret, 1, NULL));
  assert_true(tlog_sign(db, "hub.example/log", secret, 2, NULL));
  struct tlog_state state_signed;
  struct buf bytes = BUF_INIT;
  assert_true(tlog_checkpoint(db, &bytes, &state_signed, NULL));
  assert_int_equal(state_signed.size, 10);
  struct note note;
  struct note_key key;
  struct checkpoint checkpoint;
  assert_true(note_key_init(&key, "hub.example/log", NOTE_KEY_ED25519, public_key, NULL));
  assert_true(note_open(&note, (const char *)bytes.data, bytes.size, NULL));
  assert_true(note_verify(&note, &key, NULL, NULL));
  assert_true(checkpoint_decode(&checkpoint, note.text, note.text_size, NULL));
  assert_int_equal(checkpoint.size, 10);

  struct err err = ERR_INIT;
  assert_true(db_exec(db, "UPDATE sync_tree SET size = 9", NULL));
  assert_false(tlog_sign(db, "hub.example/log", secret, 3, &err));
  assert_string_equal(err.rule, "log_rolled_back");
  assert_true(db_exec(db, "UPDATE sync_tree SET size = 10, root = zeroblob(32)", NULL));
  assert_false(tlog_sign(db, "hub.example/log", secret, 3, NULL));
  buf_wipe(&bytes);
  db_close(db);
}

static void leaves_with_a_wrong_version_length_or_tail_are_refused(void **state)
{
  (void)state;
  struct buf leaf = BUF_INIT;
  struct leaf parsed;
  leaf_encode(&leaf, "record", 6, 5, NULL, 0);
  assert_true(leaf_decode(&parsed, leaf.data, leaf.size, NULL));
  assert_null(parsed.signature);
  assert_false(leaf_decode(&parsed, leaf.data, leaf.size - 1, NULL));
  put_u8(&leaf, 0);
  assert_false(leaf_decode(&parsed, leaf.data, leaf.size, NULL));
  leaf.size--;
  leaf.data[0] = 2;
  assert_false(leaf_decode(&parsed, leaf.data, leaf.size, NULL));
  buf_wipe(&leaf);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(paths_are_written_in_groups_of_three_digits),
      cmocka_unit_test(any_other_spelling_of_a_path_is_refused),
      cmocka_unit_test(widths_of_70000_leaves_are_those_of_the_specification),
      cmocka_unit_test(root_is_that_of_the_plain_tree_however_entries_arrive),
      cmocka_unit_test(proofs_come_from_the_tiles),
      cmocka_unit_test(tiles_and_bundles_are_served_at_every_width_the_tree_has),
      cmocka_unit_test(a_gap_in_the_entries_is_never_taken_into_the_tree),
      cmocka_unit_test(a_size_is_signed_once_and_never_a_smaller_one),
      cmocka_unit_test(leaves_with_a_wrong_version_length_or_tail_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
