#include "verify/options.h"

#include "sync/carry.h"
#include "verify/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 16384, KEYS_FILE_MAX = 4 * 1024 * 1024 };

/* What somebody carried by hand is none of these files, and says what it is. */
static bool read_file(const char *path, size_t max, struct buf *out, struct err *err)
{
  return source_read(path, NULL, max, out, err) &&
         (carry_may_be(out->data, out->size, CARRY_NONE, err) || err_prefix(err, "%s", path));
}

static bool read_keys(struct options *options, const char *path, struct err *err)
{
  struct buf text = BUF_INIT;
  bool ok = read_file(path, KEYS_FILE_MAX, &text, err);
  put_u8(&text, 0);
  free(options->keys); /* given twice: the last one counts */
  options->key_count = 0;
  options->keys = ok ? calloc(KEYS_MAX, sizeof *options->keys) : NULL;
  if (ok && (!options->keys || text.bad)) ok = err_set(err, ERR_IO, "out of memory");
  char *rest = NULL;
  size_t number = 0;
  for (char *line = ok ? strtok_r((char *)text.data, "\n", &rest) : NULL; ok && line;
       line = strtok_r(NULL, "\n", &rest)) {
    number++;
    if (strncmp(line, "log ", 4) == 0 || line[0] == '#') continue;
    struct author_key key;
    char hex[2 * PUBLIC_SIZE + 2] = "";
    if (options->key_count == KEYS_MAX ||
        sscanf(line, "author %" SCNu32 " epoch %" SCNu32 " since %*d revoked %" SCNd64 " %65s", &key.author,
               &key.epoch, &key.revoked_ms, hex) != 4 ||
        !hex_decode(key.public_key, PUBLIC_SIZE, hex))
      ok = err_rule(err, ERR_INPUT, "keys", "keys", "%s, line %zu: not an author's key", path, number);
    else
      options->keys[options->key_count++] = key;
  }
  buf_wipe(&text);
  return ok;
}

static bool read_policy(struct options *options, const char *path, struct err *err)
{
  struct buf text = BUF_INIT;
  bool ok = read_file(path, POLICY_SIZE_MAX, &text, err) &&
            policy_open(&options->policy, (const char *)text.data, text.size, err);
  buf_wipe(&text);
  const struct note_key *logs = NULL;
  if (ok && !options->log_given && policy_logs(options->policy, &logs) == 1) {
    options->log = logs[0];
    options->log_given = true;
  }
  return ok || err_prefix(err, "%s", path);
}

static bool read_log(struct options *options, const char *vkey, struct err *err)
{
  options->log_given = true;
  return note_key_decode(&options->log, vkey, err);
}

static bool read_leaf(struct options *options, const char *path, struct err *err)
{
  return read_file(path, 65535, &options->leaf, err);
}

static bool take_ca(struct options *options, const char *path, struct err *err)
{
  (void)options;
  return source_ca(path, err);
}

static bool take_token(struct options *options, const char *path, struct err *err)
{
  (void)options;
  return source_token(path, err);
}

static bool take_stream(struct options *options, const char *text, struct err *err)
{
  int end = 0;
  struct stream *s = &options->stream;
  if (sscanf(text, "%6" SCNu32 "/%6" SCNu32 "%n", &s->author, &s->lane, &end) == 2 && text[end] == 0 &&
      s->author > 0)
    return true;
  return err_rule(err, ERR_INPUT, "stream", "stream",
                  "--stream %.40s is not AUTHOR/LANE, such as 330127/0 for all that a branch wrote", text);
}

static bool take_out(struct options *options, const char *path, struct err *err)
{
  (void)err;
  options->out = path;
  return true;
}

bool options_take(struct options *options, const char *name, const char *value, struct err *err)
{
  static const struct {
    const char *name;
    bool (*take)(struct options *options, const char *value, struct err *err);
  } all[] = {{"--log", read_log},   {"--keys", read_keys},    {"--policy", read_policy},
             {"--leaf", read_leaf}, {"--ca", take_ca},        {"--token", take_token},
             {"--out", take_out},   {"--stream", take_stream}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(name, all[i].name) == 0) return all[i].take(options, value, err);
  return err_rule(err, ERR_MISSING, "option", "option", "unknown option: %s", name);
}

const struct note_key *options_log(const struct options *options)
{
  return options->log_given ? &options->log : NULL;
}

void options_wipe(struct options *options)
{
  policy_close(options->policy);
  free(options->keys);
  buf_wipe(&options->leaf);
}
