#include "node/proof.h"

#include "core/base/say.h"
#include "program/beside.h"
#include "program/carried.h"
#include "site/answer.h"
#include "sync/leaves.h"
#include "sync/older.h"
#include "sync/store_log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --seq, or the row's id, which carries the seq of the entry that made it (docs/PROTOCOL.md 1.5). */
static bool read_seq(const struct cli_args *args, uint64_t *seq, struct err *err)
{
  const char *by_seq = cli_value(args, "seq"), *by_row = cli_value(args, "row");
  long n = 0;
  if (!by_seq == !by_row)
    return err_rule(err, ERR_INPUT, "seq", "required", "give either --seq N or --row ID");
  if (by_seq && !cli_int("seq", by_seq, 1, SEQ_MAX, &n, err)) return false;
  if (by_row && !cli_int("row", by_row, 1L << 12, LONG_MAX, &n, err)) return false;
  *seq = by_seq ? (uint64_t)n : (uint64_t)n >> 12 & SEQ_MAX;
  return true;
}

static bool make_proof(const struct beside *beside, struct err *err)
{
  const struct cli_args *args = beside->args;
  const struct identity *identity = &beside->identity;
  struct db *db = beside->db;
  const char *out = cli_value(args, "out");
  struct buf proof = BUF_INIT, vkey = BUF_INIT;
  struct note_key log;
  uint64_t seq = 0;
  bool ok = read_seq(args, &seq, err) && older_bear(db, DB_READ, err) &&
            log_key(db, identity->province, &log, err) &&
            leaves_proof(db, (struct stream){identity->code, 0}, seq, &proof, err) &&
            carried_write(out, &proof, err);
  if (ok) {
    note_key_encode(&vkey, &log);
    say("entry %llu of branch %u: %s\n", (unsigned long long)seq, identity->code, out);
    say("check: sunlit-verify --log %.*s %s\n", (int)vkey.size, (const char *)vkey.data, out);
  }
  buf_wipe(&vkey);
  buf_wipe(&proof);
  return ok;
}

bool proof_command(const struct cli_args *args, struct err *err)
{
  return beside_run(args, BESIDE_READS, make_proof, err);
}

void node_get_proof(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct db *db = NULL;
  struct buf proof = BUF_INIT;
  struct err err = ERR_INIT;
  int64_t row = 0;
  char name[64];
  bool ok =
      web_param_int(request, "row", 1 << 12, INT64_MAX, &row, &err) && readers_take(app->readers, &db, &err);
  uint64_t seq = (uint64_t)row >> 12 & SEQ_MAX;
  ok = ok && leaves_proof(db, (struct stream){app->code, 0}, seq, &proof, &err);
  readers_give(app->readers, db);
  if (ok) {
    snprintf(name, sizeof name, "sunlit-proof-%u-%llu.txt", app->code, (unsigned long long)seq);
    web_reply_file(request, "text/plain; charset=utf-8", name, proof.data, proof.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&proof);
}
