#include "hub/recall_options.h"

#include "sync/let_go_said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_list(const char *option, const char *text, struct codes *out, struct err *err)
{
  out->count = 0;
  if (text && !*text) return err_rule(err, ERR_INPUT, option, "code", "--%s names no branch", option);
  while (text && *text) {
    char *end = NULL;
    unsigned long code = strtoul(text, &end, 10);
    if (end == text || (*end && *end != ',') || code < 100000 || code > 999999 || out->count == CODES_MAX)
      return err_rule(err, ERR_INPUT, option, "code", "'%.40s' is not a list of county codes%s", text,
                      strcmp(option, "without") == 0
                          ? ", certificates, files or checkpoints, as the log names them"
                          : "");
    out->branch[out->count++] = (uint32_t)code;
    text = *end ? end + 1 : end;
  }
  return true;
}

bool recall_read_codes(const struct cli_args *args, const char *option, struct codes *out, struct err *err)
{
  return read_list(option, cli_value(args, option), out, err);
}

static bool is_name(const char *text, size_t n)
{
  if (n > 5 && n < CAME_WITH_SIZE && strncmp(text, "file-", 5) == 0) return true;
  return n == CAME_WITH_SIZE - 1 && strspn(text, "0123456789abcdef") >= n;
}

/* As let-go names it, without its branch. */
static bool is_checkpoint(struct beyond *out, const char *text, size_t n)
{
  char whole[LET_GO_TEXT_SIZE + 8];
  if (n >= LET_GO_TEXT_SIZE) return false;
  (void)snprintf(whole, sizeof whole, "1 %.*s", (int)n, text);
  return let_go_text_read(out, whole);
}

/* Codes, and among them what one came with, and checkpoints. */
bool recall_read_without(const struct cli_args *args, struct codes *codes, struct names *names,
                         struct checkpoints *checkpoints, struct err *err)
{
  struct beyond past;
  const char *text = cli_value(args, "without");
  struct buf rest = BUF_INIT;
  names->count = checkpoints->count = 0;
  for (const char *at = text; at && *at;) {
    size_t n = strcspn(at, ",");
    if (is_name(at, n) && names->count < CODES_MAX)
      (void)snprintf(names->of[names->count++], CAME_WITH_SIZE, "%.*s", (int)n, at);
    else if (checkpoints->count < CHECKPOINTS_MAX && is_checkpoint(&past, at, n))
      checkpoints->of[checkpoints->count++] = past;
    else {
      if (rest.size) put_text(&rest, ",");
      put_bytes(&rest, at, n);
    }
    at += n + (at[n] == ',');
  }
  put_u8(&rest, 0);
  bool ok = !rest.bad || err_set(err, ERR_IO, "out of memory for --without");
  codes->count = 0;
  if (ok && text && (names->count + checkpoints->count == 0 || rest.size > 1))
    ok = read_list("without", (const char *)rest.data, codes, err);
  buf_wipe(&rest);
  return ok;
}

bool recall_read_bound(const struct cli_args *args, struct recall *recall, struct err *err)
{
  const char *text = cli_value(args, "most-gib");
  char *end = NULL;
  if (!text) return true;
  unsigned long gib = strtoul(text, &end, 10);
  if (end == text || *end || *text == '-' || gib == 0 || gib > 1000000)
    return err_rule(err, ERR_INPUT, "most-gib", "usage", "--most-gib %.20s is not a number of GiB from 1 on",
                    text);
  recall_bound(recall, (uint64_t)gib << 30);
  return true;
}
