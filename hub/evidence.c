#include "hub/evidence.h"

#include "core/base/clock.h"
#include "core/base/data_dir.h"
#include "core/base/limits.h"
#include "core/base/say.h"
#include "program/carried.h"
#include "program/identity.h"
#include "site/division_names.h"
#include "site/entry_words.h"
#include "sync/evidence.h"
#include "sync/older.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/withholding.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything about one language: the words of tables, and the names of counties. */
struct tongue {
  struct entry_words words;
  struct division_names names;
};

static void put_line(struct buf *out, const char *title, const char *text, size_t size)
{
  if (size == 0) return;
  put_text(out, "  ");
  put_text(out, title);
  put_bytes(out, text, size);
  put_text(out, "\n");
}

/* Who withheld it, when, under which rule; the act's own entry stands beside it in the bundle. */
static bool write_withheld(struct db *db, const struct record *record, enum language language,
                           struct buf *out, struct err *err)
{
  struct withholding act;
  struct buf keep = BUF_INIT;
  bool found = false, zh = language == LANGUAGE_ZH;
  char when[30], line[2200];
  bool ok = withholding_get(db, record->stream, record->seq, &act, &found, &keep, err);
  if (ok && !found)
    put_text(out, zh ? "  这里没有它的内容，指纹仍在记录中。\n"
                     : "  The content is not here; its hash is still in the record.\n");
  if (ok && found) {
    put_text(out, zh ? "  内容已依法隐去，指纹仍在记录中。\n"
                     : "  The content is withheld by law; its hash is still in the record.\n");
    time_format(when, act.at_ms);
    snprintf(line, sizeof line,
             zh ? "  依据：%s\n  时间：%s\n  申请：%s\n  决定：%s\n  理由：%s\n"
                : "  under: %s\n  when: %s\n  asked by: %s\n  decided by: %s\n  reason: %s\n",
             describe_rule(act.rule, language), when, act.asked_by, act.actor, act.reason);
    put_text(out, line);
  }
  buf_wipe(&keep);
  return ok;
}

/* Where it stands, who wrote it and when, and what it is about. */
static void write_head(struct tongue *tongue, const struct logged *entry, int64_t pos, struct buf *out)
{
  const struct record *r = &entry->record;
  bool zh = tongue->words.language == LANGUAGE_ZH;
  char claimed[30], received[30], line[600], action[NAME_SIZE_MAX + 1];
  struct buf number = BUF_INIT;
  time_format(claimed, (int64_t)(r->hlc >> 16));
  time_format(received, entry->received_ms);
  snprintf(line, sizeof line,
           zh ? "总账第 %" PRId64 " 位的记录\n  作者：%u %s，第 %" PRIu64
                " 条，密钥第 %u 期\n  发生：%s\n  收到：%s\n"
              : "Entry %" PRId64 " of the log\n  author: %u %s, its entry %" PRIu64
                ", key of epoch %u\n  made: %s\n  received: %s\n",
           pos, r->stream.author, division_name(&tongue->names, r->stream.author), r->seq, r->epoch, claimed,
           received);
  put_text(out, line);
  snprintf(action, sizeof action, "%.*s", (int)r->action.size, r->action.text);
  const char *said = describe_action(action, tongue->words.language);
  if (entry->payload) entry_words_number(&tongue->words, entry->payload, r->payload_size, &number);
  put_line(out, zh ? "经办：" : "by: ", r->actor.text, r->actor.size);
  put_line(out, zh ? "事项：" : "what: ", said, strlen(said));
  if (number.size > 1) put_line(out, zh ? "编号：" : "number: ", (const char *)number.data, number.size - 1);
  put_line(out, zh ? "关于：" : "about: ", r->subject.text, r->subject.size);
  buf_wipe(&number);
}

/* Who did what when, and each field in words, Chinese and English: UTF-8 text, for a reader in thirty years.
 */
static bool write_words(struct db *db, struct tongue tongues[2], int64_t pos, struct buf *out,
                        struct err *err)
{
  struct buf keep = BUF_INIT;
  struct logged entry;
  bool ok = entry_read(db, pos, &entry, &keep, err);
  for (int i = 0; ok && i < 2; i++) {
    write_head(&tongues[i], &entry, pos, out);
    if (entry.payload)
      entry_words_text(&tongues[i].words, entry.payload, entry.record.payload_size, out);
    else
      ok = write_withheld(db, &entry.record, tongues[i].words.language, out, err);
    put_text(out, "\n");
  }
  buf_wipe(&keep);
  return ok;
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
  assert(chosen->count < EVIDENCE_ENTRIES_MAX);
  chosen->pos[chosen->count++] = pos;
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
  static const enum language languages[2] = {LANGUAGE_ZH, LANGUAGE_EN};
  struct tongue tongues[2] = {0};
  bool ok = true;
  for (int i = 0; ok && i < 2; i++)
    ok = entry_words_open(&tongues[i].words, db, languages[i], err) &&
         division_names_open(&tongues[i].names, db, languages[i], err);
  for (size_t i = 0; ok && i < count; i++) {
    ok = write_words(db, tongues, positions[i], &c->words[i], err);
    put_bytes(&c->report, c->words[i].data, c->words[i].size);
    put_u8(&c->words[i], 0);
    c->entries[i] = (struct evidence_entry){positions[i], (const char *)c->words[i].data};
    if (ok && (c->words[i].bad || c->report.bad)) ok = err_set(err, ERR_IO, "out of memory for a bundle");
  }
  put_u8(&c->report, 0);
  for (int i = 0; i < 2; i++) {
    entry_words_close(&tongues[i].words);
    division_names_close(&tongues[i].names);
  }
  return ok;
}

void evidence_name(char out[EVIDENCE_FOLDER_MAX + 1], const int64_t *positions, size_t count)
{
  snprintf(out, EVIDENCE_FOLDER_MAX + 1, "sunlit-evidence-%" PRId64 "%s", positions[0],
           count > 1 ? "-and-more" : "");
}

bool evidence_of(struct db *db, uint32_t province, const int64_t *positions, size_t count, int64_t now_ms,
                 struct buf *out, struct err *err)
{
  struct note_key key;
  if (count == 0 || count > EVIDENCE_ASKED_MAX)
    return err_rule(err, ERR_LIMIT, "pos", "range", "a bundle is of 1 to %d entries, not %zu",
                    EVIDENCE_ASKED_MAX, count);
  struct collected *c = calloc(1, sizeof *c);
  if (!c) return err_set(err, ERR_IO, "out of memory for a bundle");
  bool ok = log_key(db, province, &key, err) && choose_all(db, province, positions, count, &c->chosen, err) &&
            collect(db, c->chosen.pos, c->chosen.count, c, err);
  char folder[EVIDENCE_FOLDER_MAX + 1];
  evidence_name(folder, positions, count);
  count = c->chosen.count;
  if (ok) {
    const struct evidence_config config = {
        .folder = folder, .report = (const char *)c->report.data, .log = &key, .now_ms = now_ms};
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
        end != at && errno == 0 && pos >= 0 && (*end == ',' || *end == 0) && *count < EVIDENCE_ASKED_MAX;
    if (!ok) return err_rule(err, ERR_INPUT, "pos", "list", "--pos %.60s is not a list such as 17,42", text);
    positions[(*count)++] = pos;
    at = *end ? end + 1 : end;
  }
  return *count > 0 || err_rule(err, ERR_INPUT, "pos", "required", "--pos names no entry");
}

bool evidence_command(const struct cli_args *args, struct err *err)
{
  int64_t positions[EVIDENCE_ASKED_MAX];
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
            older_bear(db, DB_READ, err) &&
            evidence_of(db, identity.code, positions, count, clock_wall_ms(), &bundle, err) &&
            carried_write(path, &bundle, err);
  if (ok) say("wrote %s: %zu entries, %zu bytes; check it with sunlit-verify\n", path, count, bundle.size);
  buf_wipe(&bundle);
  db_close(db);
  return ok;
}
