#include "node/now.h"

#include "core/base/clock.h"
#include "program/clock_watch.h"
#include "site/site.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { SIZE = 1024, LINES = 9, FRESH_MS = 10 * 1000 };

int now_open(const struct data_dir *dir)
{
  char path[DATA_PATH_MAX], blank[SIZE];
  int file = open(data_dir_path(dir, "now", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  memset(blank, '\n', sizeof blank);
  if (file >= 0 && pwrite(file, blank, sizeof blank, 0) != SIZE) {
    close(file);
    file = -1;
  }
  return file;
}

/* A line of its own, whatever it says. */
static void put_line(struct buf *out, const char *text)
{
  for (const char *c = text; *c; c++)
    put_u8(out, (unsigned char)*c < 0x20 ? ' ' : (uint8_t)*c);
  put_u8(out, '\n');
}

static void put_number(struct buf *out, int64_t n)
{
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)n);
  put_line(out, text);
}

void now_write(int file, struct node *node)
{
  struct node_link link;
  struct trouble trouble;
  struct buf out = BUF_INIT;
  if (file < 0) return;
  node_link_get(node, &link);
  site_attention(&node->app, &trouble);
  put_number(&out, clock_wall_ms());
  put_number(&out, (int64_t)link.state);
  put_line(&out, trouble.rule);
  put_line(&out, trouble.text);
  put_line(&out, link.error);
  put_line(&out, link.stall_rule);
  put_line(&out, link.stall);
  put_number(&out, clock_off_ms(&node->app, clock_wall_ms()));
  while (!out.bad && out.size < SIZE)
    put_u8(&out, '\n');
  if (!out.bad && out.size == SIZE)
    (void)!pwrite(file, out.data, SIZE, 0); /* a disk that fails is told elsewhere */
  buf_wipe(&out);
}

void now_close(int file)
{
  char blank[SIZE];
  memset(blank, '\n', sizeof blank);
  if (file < 0) return;
  (void)!pwrite(file, blank, SIZE, 0);
  close(file);
}

static void take(char *out, size_t size, const char *line)
{
  snprintf(out, size, "%s", line);
}

/* Whoever runs holds the lock; this looks and lets go. */
static bool runs(const struct data_dir *dir)
{
  char path[DATA_PATH_MAX];
  int lock = open(data_dir_path(dir, "lock", path), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return false;
  bool held = flock(lock, LOCK_SH | LOCK_NB) != 0;
  close(lock);
  return held;
}

enum now_answer now_read(const struct data_dir *dir, struct now *out)
{
  struct buf bytes = BUF_INIT;
  const char *line[LINES];
  memset(out, 0, sizeof *out);
  bool ok = data_dir_read(dir, "now", SIZE, &bytes, NULL) && bytes.size == SIZE;
  char *at = (char *)bytes.data;
  for (int i = 0; ok && i < LINES - 1; i++) {
    char *end = memchr(at, '\n', (size_t)((char *)bytes.data + SIZE - at));
    ok = end != NULL;
    if (!ok) break;
    *end = 0;
    line[i] = at;
    at = end + 1;
  }
  if (ok) {
    out->at_ms = strtoll(line[0], NULL, 10);
    long state = strtol(line[1], NULL, 10);
    out->link = state == LINK_UP ? LINK_UP : state == LINK_DOWN ? LINK_DOWN : LINK_UNKNOWN;
    take(out->trouble.rule, sizeof out->trouble.rule, line[2]);
    take(out->trouble.text, sizeof out->trouble.text, line[3]);
    take(out->error, sizeof out->error, line[4]);
    take(out->stall_rule, sizeof out->stall_rule, line[5]);
    take(out->stall, sizeof out->stall, line[6]);
    out->off_ms = strtoll(line[7], NULL, 10);
  }
  buf_wipe(&bytes);
  int64_t age_ms = clock_wall_ms() - out->at_ms;
  if (!runs(dir)) return NOW_STOPPED;
  return ok && age_ms > -FRESH_MS && age_ms < FRESH_MS ? NOW_SAID : NOW_SILENT;
}
