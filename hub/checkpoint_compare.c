#include "hub/checkpoint_compare.h"

#include "sync/store_log.h"

#include <stdlib.h>
#include <string.h>

const char *const compared_words[] = {
    [COMPARED_SAME] = "same",     [COMPARED_CONTINUES] = "continues", [COMPARED_LARGER] = "larger",
    [COMPARED_FORKED] = "forked", [COMPARED_FOREIGN] = "foreign",     [COMPARED_UNSIGNED] = "unsigned",
    [COMPARED_FORGED] = "forged", [COMPARED_DAMAGED] = "damaged"};

/* What the text is before anything of it is believed; COMPARED_SAME: a checkpoint our key signed. */
static enum compared examine(const char *bytes, size_t size, const struct note_key *log,
                             struct comparison *out)
{
  struct note note;
  if (!note_open(&note, bytes, size, &out->fault) ||
      !checkpoint_decode(&out->saved, note.text, note.text_size, &out->fault))
    return COMPARED_DAMAGED;
  out->readable = true;
  if (strcmp(out->saved.origin, log->name) != 0) {
    err_rule(&out->fault, ERR_INPUT, "origin", "unknown_log", "it is of the log '%.80s', ours is '%.80s'",
             out->saved.origin, log->name);
    return COMPARED_FOREIGN;
  }
  if (note_verify(&note, log, NULL, &out->fault)) return COMPARED_SAME;
  return out->fault.kind == ERR_MISSING ? COMPARED_UNSIGNED : COMPARED_FORGED;
}

/* The proof from our own tiles, and whether it leads from the root that was kept to ours. */
static bool prove(struct db *db, struct comparison *c, struct merkle_proof *proof, struct err *err)
{
  struct tlog_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return err_set(err, ERR_IO, "out of memory for a proof");
  struct merkle_source source = tlog_source(reader, db, c->today.size);
  bool ok = merkle_prove_consistency(&source, c->saved.size, c->today.size, proof, err);
  free(reader);
  if (!ok) return false;
  bool leads = merkle_verify_consistency(c->saved.size, &c->saved.root, c->today.size, &c->today.root, proof);
  c->verdict = !leads ? COMPARED_FORKED : c->saved.size == c->today.size ? COMPARED_SAME : COMPARED_CONTINUES;
  return true;
}

bool checkpoint_compare(struct db *db, uint32_t province, const char *bytes, size_t size,
                        struct comparison *out, struct buf *file, struct err *err)
{
  struct note_key log;
  struct buf today = BUF_INIT;
  struct consistency both = {.older = bytes, .older_size = size};
  *out = (struct comparison){.fault = ERR_INIT};
  bool ok = log_key(db, province, &log, err) && tlog_published(db, &today, &out->today, err);
  if (ok) out->verdict = examine(bytes, size, &log, out);
  bool ours = ok && out->verdict == COMPARED_SAME;
  if (ours && out->saved.size > out->today.size)
    out->verdict = COMPARED_LARGER;
  else if (ours)
    ok = prove(db, out, &both.proof, err);
  if (ours && ok) {
    both.newer = (const char *)today.data;
    both.newer_size = today.size;
    if (out->verdict == COMPARED_LARGER) { /* theirs is the newer one */
      both.older = both.newer;
      both.older_size = both.newer_size;
      both.newer = bytes;
      both.newer_size = size;
    }
    consistency_encode(file, &both);
    ok = !file->bad || err_rule(err, ERR_BUSY, "", "busy", "no memory for this answer");
  }
  buf_wipe(&today);
  return ok;
}
