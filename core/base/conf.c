#include "core/base/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 64, KEY_MAX = 80, VALUE_MAX = 256 };

struct value {
  char key[KEY_MAX]; /* section.name */
  char text[VALUE_MAX];
};

struct conf {
  char path[512];
  size_t count;
  struct value values[VALUES_MAX];
  struct err err; /* the first fault the parser's callback saw */
};

static const struct value *find(const struct conf *conf, const char *key)
{
  for (size_t i = 0; i < conf->count; i++)
    if (strcmp(conf->values[i].key, key) == 0) return &conf->values[i];
  return NULL;
}

/* inih calls this for each value; 0 stops at that line. */
static int take(void *ctx, const char *section, const char *name, const char *text)
{
  struct conf *conf = ctx;
  if (conf->count == VALUES_MAX) return err_set(&conf->err, ERR_LIMIT, "more than %d values", VALUES_MAX);
  struct value *v = &conf->values[conf->count];
  int n = snprintf(v->key, sizeof v->key, "%s.%s", section, name);
  int m = snprintf(v->text, sizeof v->text, "%s", text);
  if (n >= (int)sizeof v->key || m >= (int)sizeof v->text)
    return err_set(&conf->err, ERR_LIMIT, "%s is too long", name);
  if (find(conf, v->key)) return err_set(&conf->err, ERR_INPUT, "%s is given twice", v->key);
  conf->count++;
  return 1;
}

bool conf_open(struct conf **out, const char *path, struct err *err)
{
  struct conf *conf = calloc(1, sizeof *conf);
  if (!conf) return err_set(err, ERR_IO, "out of memory reading %s", path);
  snprintf(conf->path, sizeof conf->path, "%s", path);
  FILE *file = fopen(path, "re");
  if (!file && errno != ENOENT) {
    free(conf);
    return err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
  }
  int line = file ? ini_parse_file(file, take, conf) : 0;
  if (file) fclose(file);
  if (line == 0) {
    *out = conf;
    return true;
  }
  const char *why = conf->err.kind ? conf->err.text : "not a [section], name = value or comment";
  err_rule(err, ERR_INPUT, "conf", "syntax", "%s line %d: %s", path, line, why);
  free(conf);
  return false;
}

void conf_close(struct conf *conf)
{
  free(conf);
}

bool conf_only(const struct conf *conf, const char *const *names, struct err *err)
{
  for (size_t i = 0; i < conf->count; i++) {
    const char *const *name = names;
    while (*name && strcmp(*name, conf->values[i].key) != 0)
      name++;
    if (!*name)
      return err_rule(err, ERR_INPUT, conf->values[i].key, "unknown_name", "%s: %s is not a setting",
                      conf->path, conf->values[i].key);
  }
  return true;
}

const char *conf_text(const struct conf *conf, const char *name, const char *fallback)
{
  const struct value *v = find(conf, name);
  return v ? v->text : fallback;
}

bool conf_int(const struct conf *conf, const char *name, int64_t min, int64_t max, int64_t fallback,
              int64_t *out, struct err *err)
{
  const struct value *v = find(conf, name);
  if (!v) {
    *out = fallback;
    return true;
  }
  char *end = NULL;
  errno = 0;
  long long n = strtoll(v->text, &end, 10);
  if (errno || end == v->text || *end || n < min || n > max)
    return err_rule(err, ERR_INPUT, name, "range", "%s: %s = %s is not a number from %lld to %lld",
                    conf->path, name, v->text, (long long)min, (long long)max);
  *out = n;
  return true;
}
