#include "hub/evidence.h"

#include "core/base/clock.h"
#include "core/base/data_dir.h"
#include "core/base/json_out.h"
#include "program/identity.h"
#include "site/division_names.h"
#include "site/entry_words.h"
#include "sync/evidence.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/withholding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who withheld it, when, under which rule; the act's own entry stands beside it in the bundle. */
static bool write_withheld(struct db *db, const struct record *record, struct buf *out, struct err *err)
{
  struct withholding act;
  struct buf keep = BUF_INIT;
  bool found = false;
  char when[30], line[2200];
  put_text(out, "内容已依法隐去，指纹仍在记录中。\n");
  bool ok = withholding_get(db, record->stream, record->seq, &act, &found, &keep, err);
  if (ok && found) {
    time_format(when, act.at_ms);
    snprintf(line, sizeof line, "依据 %s  时间 %s  申请 %s  决定 %s\n理由 %s\n",
             describe_rule(act.rule, LANGUAGE_ZH), when, act.asked_by, act.actor, act.reason);
    put_text(out, line);
  }
  buf_wipe(&keep);
  return ok;
}

/* Who did what when, and the changes as JSON with the columns' names: UTF-8 text, for a reader in thirty
 * years. */
static bool write_words(struct db *db, const struct entry_words *words, struct division_names *names,
                        int64_t pos, struct buf *out, struct err *err)
{
  struct buf keep = BUF_INIT;
  struct logged entry;
  if (!entry_read(db, pos, &entry, &keep, err)) {
    buf_wipe(&keep);
    return false;
  }
  const struct record *r = &entry.record;
  char claimed[30], received[30], line[600];
  time_format(claimed, (int64_t)(r->hlc >> 16));
  time_format(received, entry.received_ms);
  snprintf(line, sizeof line,
           "总账位置 %" PRId64 "  作者 %u %s  序号 %" PRIu64
           "  密钥 %u\n发生 %s  收到 %s\n经办 %.*s  动作 %.*s  编号 %.*s\n",
           pos, r->stream.author, division_name(names, r->stream.author), r->seq, r->epoch, claimed, received,
           (int)r->actor.size, r->actor.text, (int)r->action.size, r->action.text, (int)r->subject.size,
           r->subject.text);
  put_text(out, line);
  if (!entry.payload && !write_withheld(db, r, out, err)) {
    buf_wipe(&keep);
    return false;
  }
  if (entry.payload) {
    struct json_out json = JSON_OUT_INIT;
    out_object(&json, NULL);
    entry_words_changes(words, entry.payload, r->payload_size, &json);
    out_end(&json);
    put_bytes(out, json.bytes.data, json.bytes.size);
    buf_wipe(&json.bytes);
  }
  put_text(out, "\n\n");
  buf_wipe(&keep);
  return true;
}

/* The entries asked for, and behind them the acts that withheld some of them. */
struct chosen {
  int64_t pos[EVIDENCE_ENTRIES_MAX];
  size_t count;
};

static void choose(struct chosen *chosen, int64_t pos)
{
  for (size_t i = 0; i < chosen->count; i++)
    if (chosen->pos[i] == pos) return;
  if (chosen->count < EVIDENCE_ENTRIES_MAX) chosen->pos[chosen->count++] = pos;
}

static bool choose_act(struct db *db, uint32_t province, int64_t pos, struct chosen *chosen, struct err *err)
{
  struct logged entry;
  struct withholding act;
  struct buf keep = BUF_INIT;
  int64_t act_pos = -1;
  bool found = false;
  bool ok = entry_read(db, pos, &entry, &keep, err) &&
            (entry.payload ||
             withholding_get(db, entry.record.stream, entry.record.seq, &act, &found, &keep, err)) &&
            (!found || stream_find(db, (struct stream){province, 0}, id_seq(act.id), &act_pos, err));
  if (act_pos >= 0) choose(chosen, act_pos);
  buf_wipe(&keep);
  return ok;
}

static bool choose_all(struct db *db, uint32_t province, const int64_t *positions, size_t count,
                       struct chosen *chosen, struct err *err)
{
  chosen->count = 0;
  for (size_t i = 0; i < count; i++)
    choose(chosen, positions[i]);
  size_t asked = chosen->count;
  for (size_t i = 0; i < asked; i++)
    if (!choose_act(db, province, chosen->pos[i], chosen, err)) return false;
  return true;
}

struct collected {
  struct evidence_entry entries[EVIDENCE_ENTRIES_MAX];
  struct buf words[EVIDENCE_ENTRIES_MAX];
  struct buf report;
  struct chosen chosen;
};

static bool collect(struct db *db, const int64_t *positions, size_t count, struct collected *c,
                    struct err *err)
{
  struct entry_words words;
  struct division_names names = {.count = 0};
  bool ok =
      entry_words_open(&words, db, LANGUAGE_ZH, err) && division_names_open(&names, db, LANGUAGE_ZH, err);
  for (size_t i = 0; ok && i < count; i++) {
    ok = write_words(db, &words, &names, positions[i], &c->words[i], err);
    put_bytes(&c->report, c->words[i].data, c->words[i].size);
    put_u8(&c->words[i], 0);
    c->entries[i] = (struct evidence_entry){positions[i], (const char *)c->words[i].data};
    if (ok && (c->words[i].bad || c->report.bad)) ok = err_set(err, ERR_IO, "out of memory for a bundle");
  }
  put_u8(&c->report, 0);
  entry_words_close(&words);
  division_names_close(&names);
  return ok;
}

bool evidence_of(struct db *db, uint32_t province, const int64_t *positions, size_t count, int64_t now_ms,
                 struct buf *out, struct err *err)
{
  struct note_key key;
  if (count == 0 || count > EVIDENCE_ENTRIES_MAX)
    return err_rule(err, ERR_LIMIT, "pos", "range", "a bundle holds 1 to %d entries, not %zu",
                    EVIDENCE_ENTRIES_MAX, count);
  struct collected *c = calloc(1, sizeof *c);
  if (!c) return err_set(err, ERR_IO, "out of memory for a bundle");
  bool ok = log_key(db, province, &key, err) && choose_all(db, province, positions, count, &c->chosen, err) &&
            collect(db, c->chosen.pos, c->chosen.count, c, err);
  count = c->chosen.count;
  if (ok) {
    const struct evidence_config config = {
        .report = (const char *)c->report.data, .log = &key, .now_ms = now_ms};
    ok = evidence_build(db, &config, c->entries, count, out, err);
  }
  for (size_t i = 0; i < count; i++)
    buf_wipe(&c->words[i]);
  buf_wipe(&c->report);
  free(c);
  return ok;
}

static bool parse_positions(const char *text, int64_t *positions, size_t *count, struct err *err)
{
  *count = 0;
  for (const char *at = text; *at;) {
    char *end = NULL;
    errno = 0;
    long long pos = strtoll(at, &end, 10);
    bool ok =
        end != at && errno == 0 && pos >= 0 && (*end == ',' || *end == 0) && *count < EVIDENCE_ENTRIES_MAX;
    if (!ok) return err_rule(err, ERR_INPUT, "pos", "list", "--pos %.60s is not a list such as 17,42", text);
    positions[(*count)++] = pos;
    at = *end ? end + 1 : end;
  }
  return *count > 0 || err_rule(err, ERR_INPUT, "pos", "required", "--pos names no entry");
}

static bool write_new(const char *path, const struct buf *bytes, struct err *err)
{
  FILE *file = fopen(path, "wbxe");
  if (!file) return err_set(err, ERR_IO, "cannot create %s: %s", path, strerror(errno));
  bool ok = fwrite(bytes->data, 1, bytes->size, file) == bytes->size;
  ok = fclose(file) == 0 && ok;
  return ok || err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
}

bool evidence_command(const struct cli_args *args, struct err *err)
{
  int64_t positions[EVIDENCE_ENTRIES_MAX];
  size_t count = 0;
  struct data_dir dir;
  struct identity identity;
  struct db *db = NULL;
  struct buf bundle = BUF_INIT;
  char store[DATA_PATH_MAX];
  const char *path = cli_value(args, "out");
  bool ok = parse_positions(cli_value(args, "pos"), positions, &count, err) &&
            data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err) &&
            identity_read(&dir, "keys", &identity, err) &&
            db_open(&db, data_dir_path(&dir, "store.db", store), DB_READ, err) &&
            evidence_of(db, identity.code, positions, count, clock_wall_ms(), &bundle, err) &&
            write_new(path, &bundle, err);
  if (ok) printf("wrote %s: %zu entries, %zu bytes; check it with sunlit-verify\n", path, count, bundle.size);
  buf_wipe(&bundle);
  db_close(db);
  return ok;
}
