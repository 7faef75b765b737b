#include "program/carried.h"

#include "core/base/log.h"
#include "core/base/say.h"
#include "sync/carry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  AWAY_MS = 10 * 1000,
  LOCK_LOOK_MS = 1000,
  WAIT_MS = 180 * 1000, /* a province that has just started first hears its branches */
  LOOK_MS = 100,
  FILE_MAX = CARRY_SIZE_MAX + 2 * 1024 * 1024
};

/* ---- files ---- */

bool carried_read(const char *path, struct buf *out, struct err *err)
{
  FILE *file = fopen(path, "rbe");
  if (!file) return err_set(err, ERR_MISSING, "cannot open %s: %s", path, strerror(errno));
  size_t n = 1;
  while (n > 0 && out->size <= FILE_MAX) {
    uint8_t *at = buf_reserve(out, 65536);
    n = at ? fread(at, 1, 65536, file) : 0;
    if (at) out->size -= 65536 - n;
  }
  bool ok = !ferror(file) && !out->bad;
  fclose(file);
  if (!ok) return err_set(err, ERR_IO, "cannot read %s", path);
  return out->size <= FILE_MAX || err_rule(err, ERR_LIMIT, "file", "file_size", "%s is too long", path);
}

static bool write_all(int file, const struct buf *bytes)
{
  for (size_t at = 0; at < bytes->size;) {
    ssize_t n = write(file, bytes->data + at, bytes->size - at);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) at += (size_t)n;
  }
  return fsync(file) == 0;
}

bool carried_write(const char *path, const struct buf *bytes, struct err *err)
{
  char beside[DATA_PATH_MAX + 8];
  snprintf(beside, sizeof beside, "%.*s.part", DATA_PATH_MAX, path);
  if (access(path, F_OK) == 0)
    return err_rule(err, ERR_CONFLICT, "file", "exists", "%s exists already", path);
  int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool ok = file >= 0 && write_all(file, bytes) && rename(beside, path) == 0;
  if (!ok) err_disk(err, "write", path);
  if (file >= 0) close(file);
  if (!ok) unlink(beside);
  return ok;
}

/* ---- the running program ---- */

static void answer_one(struct app *app, carried_take take, const char *name)
{
  char in[DATA_PATH_MAX], out[DATA_PATH_MAX], file[96];
  struct buf bytes = BUF_INIT, answer = BUF_INIT, words = BUF_INIT, whole = BUF_INIT;
  struct err why = ERR_INIT;
  snprintf(file, sizeof file, "carry/%s.in", name);
  data_dir_path(&app->dir, file, in);
  snprintf(file, sizeof file, "carry/%s.out", name);
  data_dir_path(&app->dir, file, out);
  bool ok = carried_read(in, &bytes, &why) && take(app, &bytes, &answer, &words, &why);
  app_note(app, ok, &why);
  if (!ok) log_warning("a carried file was not accepted: %s", why.text);
  if (ok && app->wake) app->wake(app);
  put_u8(&whole, ok);
  put_vec16(&whole, why.rule, strlen(why.rule));
  if (ok)
    put_vec16(&whole, words.data, words.size);
  else
    put_vec16(&whole, why.text, strlen(why.text));
  put_bytes(&whole, answer.data, answer.size);
  /* On a full disk the file stays: the next beat takes it once more, which is harmless, and answers. */
  struct err unanswered = ERR_INIT;
  if (!whole.bad && !carried_write(out, &whole, &unanswered))
    log_warning("the answer to a carried file: %s", unanswered.text);
  else
    unlink(in);
  buf_wipe(&bytes);
  buf_wipe(&answer);
  buf_wipe(&words);
  buf_wipe(&whole);
}

void carried_beat(struct app *app, carried_take take)
{
  char path[DATA_PATH_MAX];
  DIR *folder = opendir(data_dir_path(&app->dir, "carry", path));
  if (!folder) return;
  for (struct dirent *d = readdir(folder); d; d = readdir(folder)) {
    size_t n = strlen(d->d_name);
    char name[40];
    if (n < 4 || n - 3 >= sizeof name || strcmp(d->d_name + n - 3, ".in") != 0) continue;
    snprintf(name, sizeof name, "%.*s", (int)(n - 3), d->d_name);
    answer_one(app, take, name);
  }
  closedir(folder);
}

/* ---- the command ---- */

static bool take_answer(const struct buf *whole, struct buf *answer, struct err *err)
{
  struct reader r = reader_of(whole->data, whole->size);
  size_t rule_size = 0, text_size = 0;
  bool ok = get_u8(&r) == 1;
  const uint8_t *rule = get_vec16(&r, &rule_size);
  const uint8_t *text = get_vec16(&r, &text_size);
  if (r.bad) return err_set(err, ERR_IO, "the running program's answer is not whole");
  if (!ok) {
    char word[48];
    snprintf(word, sizeof word, "%.*s", (int)rule_size, (const char *)rule);
    return err_rule(err, ERR_CONFLICT, "file", word, "%.*s", (int)text_size, (const char *)text);
  }
  say_lines(text, text_size);
  put_bytes(answer, r.p, reader_left(&r));
  return !answer->bad || err_set(err, ERR_IO, "out of memory");
}

/* Who rebuilds takes no file. */
static bool nobody_rebuilds(const struct data_dir *dir, enum app_kind kind, struct err *err)
{
  if (!data_dir_rebuilds(dir)) return true;
  return err_rule(
      err, ERR_BUSY, "dir", "rebuilding",
      "%s is being rebuilt, and takes no file meanwhile: nothing is lost, give it again when that "
      "has ended and the program runs%s",
      dir->path,
      kind == APP_HUB ? ". What a branch without a line holds goes along with the rebuilding itself: "
                        "sunlit-node export --history there, --carried FILE here"
                      : "");
}

/* Hands it to the program that runs, and waits. */
static bool hand_over(const char *path, enum app_kind kind, const struct buf *file, struct buf *answer,
                      struct err *err)
{
  char name[48], in[DATA_PATH_MAX], out[DATA_PATH_MAX];
  struct data_dir dir;
  struct buf whole = BUF_INIT;
  if (!data_dir_open(&dir, path, DATA_DIR_SHARED, err) || !nobody_rebuilds(&dir, kind, err)) return false;
  if (mkdir(data_dir_path(&dir, "carry", in), 0700) != 0 && errno != EEXIST) return err_disk(err, "make", in);
  snprintf(name, sizeof name, "carry/%ld.in", (long)getpid());
  data_dir_path(&dir, name, in);
  snprintf(name, sizeof name, "carry/%ld.out", (long)getpid());
  data_dir_path(&dir, name, out);
  unlink(out);
  bool ok = carried_write(in, file, err);
  bool came = false;
  const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
  int away = 0; /* it may be being started again */
  for (int waited = 0; ok && !came && waited < WAIT_MS && away < AWAY_MS; waited += LOOK_MS) {
    came = access(out, F_OK) == 0;
    if (!came) nanosleep(&pause, NULL);
    if (waited % LOCK_LOOK_MS == 0) away = data_dir_held(&dir) ? 0 : away + LOCK_LOOK_MS;
  }
  if (ok && !came && away >= AWAY_MS)
    ok = err_rule(err, ERR_BUSY, "dir", "no_answer",
                  "the program that runs here ended before it answered; nothing is lost: start it, then give "
                  "the file again");
  if (ok && !came)
    ok = err_rule(err, ERR_BUSY, "dir", "no_answer",
                  "the running program did not answer within three minutes; nothing is lost, give it again");
  ok = ok && carried_read(out, &whole, err) && take_answer(&whole, answer, err);
  unlink(in);
  unlink(out);
  buf_wipe(&whole);
  data_dir_close(&dir);
  return ok;
}

/* A province signs nothing before its branches have called, and nobody calls a command. */
static bool province_runs(const char *path, struct err *err)
{
  struct data_dir dir = {.lock = -1};
  struct err held = ERR_INIT;
  if (data_dir_open(&dir, path, DATA_DIR_LOCKED, &held)) {
    data_dir_close(&dir);
    return err_rule(
        err, ERR_CONFLICT, "dir", "not_running",
        "the hub does not run, and a file is taken only by one that has heard its branches: what it signs "
        "before may contradict them. Start it with sunlit-hub run --dir %s, then give the file again; it "
        "may take two minutes",
        path);
  }
  if (strcmp(held.rule, "dir_in_use") == 0) return true;
  if (err) *err = held;
  return false;
}

bool carried_accept(const char *dir, const char *file, enum app_kind kind, carried_take take,
                    struct buf *answer, struct err *err)
{
  struct app app;
  struct buf bytes = BUF_INIT, words = BUF_INIT;
  struct err held = ERR_INIT;
  bool ok = carried_read(file, &bytes, err);
  if (ok && kind == APP_HUB) {
    ok = carry_may_be(bytes.data, bytes.size, CARRY_ENTRIES, err) && province_runs(dir, err) &&
         hand_over(dir, kind, &bytes, answer, err);
  } else if (ok && app_open(&app, kind, dir, NULL, &held)) {
    ok = take(&app, &bytes, answer, &words, err);
    if (ok) say_lines(words.data, words.size);
    app_close(&app);
  } else if (ok && strcmp(held.rule, "dir_in_use") == 0) {
    ok = hand_over(dir, kind, &bytes, answer, err);
  } else if (ok) {
    *err = held;
    ok = false;
  }
  buf_wipe(&words);
  buf_wipe(&bytes);
  return ok;
}
