#include "verify/notes.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "sync/tlog.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A key that may have cosigned, and the largest checkpoint it has in the notes seen so far. */
struct known {
  struct note_key key;
  uint64_t size; /* 0: none.  Only of notes that were given to be verified by themselves */
  int in_note;   /* the number of the note it was last found in */
};

struct notes {
  struct notes_config config;
  struct known *known;
  size_t known_count;
  int count; /* notes looked at */
  int whole; /* of these, given by themselves */
};

struct tally {
  size_t good, unknown;
  uint64_t first_s, last_s;
};

bool notes_open(struct notes **out, const struct notes_config *config, struct err *err)
{
  struct notes *notes = calloc(1, sizeof *notes);
  size_t named = config->policy ? policy_witnesses(config->policy) : 0;
  if (notes) notes->known = calloc(config->key_count + named + 1, sizeof *notes->known);
  bool ok = notes && notes->known;
  if (!ok) err_set(err, ERR_IO, "out of memory");
  if (ok) notes->config = *config;
  for (size_t i = 0; ok && i < config->key_count; i++) {
    char name[TLOG_ORIGIN_SIZE];
    tlog_witness_name(name, config->keys[i].author);
    ok = note_key_init(&notes->known[notes->known_count++].key, name, NOTE_KEY_COSIGNATURE,
                       config->keys[i].public_key, err);
  }
  for (size_t i = 0; ok && i < named; i++)
    notes->known[notes->known_count++].key = *policy_witness(config->policy, i);
  if (ok)
    *out = notes;
  else
    notes_close(notes);
  return ok;
}

void notes_close(struct notes *notes)
{
  if (!notes) return;
  free(notes->known);
  free(notes);
}

bool notes_is(const void *p, size_t n)
{
  static const char signatures[] = "\n\n\xe2\x80\x94 ";
  return memmem(p, n, signatures, sizeof signatures - 1) != NULL;
}

/* A line that names a known key must be that key's; the same key may stand in keys.txt and in the policy. */
static bool take_line(struct notes *notes, const struct note *note, const char *line, size_t size,
                      struct tally *tally, struct err *err)
{
  bool found = false;
  for (size_t i = 0; i < notes->known_count; i++) {
    struct known *k = &notes->known[i];
    uint64_t time_s = 0;
    struct err why = ERR_INIT;
    if (!note_line_verify(line, size, note->text, note->text_size, &k->key, &time_s, &why)) {
      if (why.kind == ERR_MISSING) continue;
      return err_rule(err, why.kind, "signature", "bad_signature",
                      "%s; its key is known, so the note was changed or badly put together", why.text);
    }
    if (k->in_note == notes->count)
      return err_rule(err, ERR_REFUTED, "signature", "duplicate_signature", "two lines of %s", k->key.name);
    k->in_note = notes->count;
    if (!found && (tally->good == 0 || time_s < tally->first_s)) tally->first_s = time_s;
    if (!found && time_s > tally->last_s) tally->last_s = time_s;
    tally->good += !found;
    found = true;
  }
  tally->unknown += !found;
  return true;
}

static void say_tally(const struct notes *notes, const struct tally *tally)
{
  char first[30], last[30];
  time_format(first, (int64_t)tally->first_s * 1000);
  time_format(last, (int64_t)tally->last_s * 1000);
  if (tally->good)
    say("  proved: %zu witnesses have cosigned it, between %s and %s by their clocks\n", tally->good, first,
        last);
  if (tally->unknown)
    say("  not proved: %zu lines of keys that were not given (--keys, --policy)\n", tally->unknown);
  if (!notes->config.log) say("  not proved: that the province signed it (give --log)\n");
  say("  not proved: what the entries are (give the log's folder or URL)\n");
}

/* Opens the note, checks the log's line and every line of a known key. */
static bool take_note(struct notes *notes, const void *p, size_t n, struct note *note,
                      struct checkpoint *checkpoint, struct tally *tally, struct err *err)
{
  const struct note_key *log = notes->config.log;
  if (!note_open(note, p, n, err) || !checkpoint_decode(checkpoint, note->text, note->text_size, err) ||
      (log && !note_verify(note, log, NULL, err)))
    return false;
  if (log && strcmp(log->name, checkpoint->origin) != 0)
    return err_rule(err, ERR_DENIED, "origin", "other_log", "it is a checkpoint of %s", checkpoint->origin);
  notes->count++;
  const char *at = note->lines, *end = note->lines + note->lines_size;
  for (const char *stop; at < end && (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
    bool is_log =
        log && note_line_verify(at, (size_t)(stop - at), note->text, note->text_size, log, NULL, NULL);
    if (!is_log && !take_line(notes, note, at, (size_t)(stop - at), tally, err)) return false;
  }
  if (!log && tally->unknown > 0) tally->unknown--; /* one of them is the log's */
  return true;
}

static bool is_in_note(void *ctx, const struct note_key *key)
{
  return note_verify(ctx, key, NULL, NULL);
}

/* By the names that the policy gives them. */
static void say_witnesses(const struct policy *policy, struct note *note, uint64_t size, size_t there)
{
  struct buf missing = BUF_INIT;
  policy_missing(policy, is_in_note, note, &missing);
  say("  witnesses of %" PRIu64 " entries: %zu of the %zu that the policy names%s%.*s\n", size, there,
      policy_witnesses(policy), missing.size ? "; missing: " : "", (int)missing.size,
      missing.size ? (const char *)missing.data : "");
  buf_wipe(&missing);
}

bool notes_weigh(struct notes *notes, const void *p, size_t n, bool *met, struct err *err)
{
  struct note note;
  struct checkpoint checkpoint;
  struct tally tally = {.good = 0};
  if (!take_note(notes, p, n, &note, &checkpoint, &tally, err)) return false;
  *met = true;
  if (!notes->config.policy) return true;
  struct policy_result result;
  policy_judge(notes->config.policy, &note, &result);
  say_witnesses(notes->config.policy, &note, checkpoint.size, result.witnesses);
  *met = result.met;
  return true;
}

bool notes_judge(struct notes *notes, const void *p, size_t n, struct err *err)
{
  bool met = false;
  return notes_weigh(notes, p, n, &met, err) &&
         (met || err_rule(err, ERR_DENIED, "policy", "quorum",
                          "the witnesses that the policy wants have not all cosigned"));
}

bool notes_verify(struct notes *notes, const char *where, const void *p, size_t n, struct err *err)
{
  struct note note;
  struct checkpoint checkpoint;
  struct tally tally = {.good = 0};
  if (!take_note(notes, p, n, &note, &checkpoint, &tally, err)) return false;
  notes->whole++;
  for (size_t i = 0; i < notes->known_count; i++)
    if (notes->known[i].in_note == notes->count && checkpoint.size > notes->known[i].size)
      notes->known[i].size = checkpoint.size;
  struct buf root = BUF_INIT;
  base64_encode(&root, checkpoint.root.bytes, HASH_SIZE);
  say("%s: verified\n  checkpoint of %s: %" PRIu64 " entries, root %.*s\n", where, checkpoint.origin,
      checkpoint.size, (int)root.size, (const char *)root.data);
  buf_wipe(&root);
  say_tally(notes, &tally);
  return true;
}

static uint64_t size_of(void *ctx, const struct note_key *key)
{
  const struct notes *notes = ctx;
  for (size_t i = 0; i < notes->known_count; i++)
    if (memcmp(notes->known[i].key.id, key->id, sizeof key->id) == 0 &&
        strcmp(notes->known[i].key.name, key->name) == 0)
      return notes->known[i].size;
  return 0;
}

static bool has_cosigned(void *ctx, const struct note_key *key)
{
  return size_of(ctx, key) > 0;
}

bool notes_quorum(struct notes *notes, struct err *err)
{
  if (!notes->config.policy || notes->whole == 0) return true;
  uint64_t reach = policy_reach(notes->config.policy, size_of, notes);
  if (reach == 0) {
    struct buf missing = BUF_INIT;
    policy_missing(notes->config.policy, has_cosigned, notes, &missing);
    (void)err_rule(err, ERR_DENIED, "policy", "quorum",
                   "the witnesses that the policy wants have not all cosigned; missing: %.*s",
                   (int)missing.size, (const char *)missing.data);
    buf_wipe(&missing);
    return false;
  }
  if (reach != UINT64_MAX)
    say("the policy's quorum has witnessed the log up to %" PRIu64
        " entries, if its checkpoints continue each "
        "other (give the log's folder or URL)\n",
        reach);
  return true;
}
