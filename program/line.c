#include "program/line.h"

#include <stdlib.h>

bool line_init(struct line *line, struct link *link, struct err *err)
{
  *line = (struct line){.link = link, .in = malloc(LINE_READ_MAX)};
  return line->in || err_set(err, ERR_IO, "out of memory for a connection");
}

void line_wipe(struct line *line)
{
  buf_wipe(&line->out);
  free(line->in);
  line->in = NULL;
}

/* Brings line->out up to a good mouthful of what the machine offers. */
static bool fill(struct line *line, struct span output)
{
  size_t have = line->out.size;
  size_t more = output.size - have;
  if (have >= LINE_SEND_MAX / 4 || more == 0) return true;
  if (more > LINE_SEND_MAX) more = LINE_SEND_MAX;
  put_bytes(&line->out, output.p + have, more);
  return !line->out.bad;
}

enum link_event line_turn(struct line *line, struct span output, size_t *sent, size_t *got,
                          int64_t deadline_ms, struct err *err)
{
  *sent = *got = 0;
  if (!fill(line, output)) {
    err_set(err, ERR_IO, "out of memory for a connection");
    return LINK_FAILED;
  }
  size_t before = line->out.size;
  enum link_event event = link_turn(line->link, &line->out, line->in, LINE_READ_MAX, got, deadline_ms, err);
  *sent = before - line->out.size;
  if (line->out.size == 0 && line->out.room > LINE_KEEP) buf_wipe(&line->out); /* most lines are idle */
  return event;
}

void line_flush(struct line *line, struct span output, int64_t deadline_ms)
{
  size_t taken = 0;
  while (taken < output.size) {
    struct span rest = {output.p + taken, output.size - taken};
    if (!fill(line, rest)) return;
    size_t before = line->out.size, got = 0;
    enum link_event event = link_turn(line->link, &line->out, line->in, 0, &got, deadline_ms, NULL);
    taken += before - line->out.size;
    if (event != LINK_SENT && event != LINK_WOKEN && event != LINK_BYTES) return;
  }
}
