#include "sync/lost_said.h"

#include "core/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lost_subject(char out[LOST_SUBJECT_SIZE], const struct lost_run *run)
{
  (void)snprintf(out, LOST_SUBJECT_SIZE, "%u/%u/%" PRIu64 "+%" PRIu64, run->stream.author, run->stream.lane,
                 run->first_seq, run->count);
}

static bool is_name(struct name name, const char *text)
{
  return name.size == strlen(text) && memcmp(name.text, text, name.size) == 0;
}

/* The one way of writing a run, read back: whatever is written otherwise says nothing. */
static bool read_subject(struct name subject, struct lost_run *run)
{
  char text[LOST_SUBJECT_SIZE], again[LOST_SUBJECT_SIZE];
  *run = (struct lost_run){0};
  if (subject.size >= sizeof text) return false;
  memcpy(text, subject.text, subject.size);
  text[subject.size] = '\0';
  char *at = text;
  run->stream.author = (uint32_t)strtoul(at, &at, 10);
  if (*at++ != '/') return false;
  run->stream.lane = (uint32_t)strtoul(at, &at, 10);
  if (*at++ != '/') return false;
  run->first_seq = strtoull(at, &at, 10);
  if (*at++ != '+') return false;
  run->count = strtoull(at, &at, 10);
  lost_subject(again, run);
  return strcmp(text, again) == 0;
}

void lost_said_put(struct lost_said *said, const struct lost_run *run)
{
  struct lost_run *last = said->count ? &said->runs[said->count - 1] : NULL;
  if (last && last->stream.author == run->stream.author && last->stream.lane == run->stream.lane &&
      run->first_seq == last->first_seq + last->count) {
    last->count += run->count;
    last->last_ms = run->last_ms;
    return;
  }
  struct lost_run *more = realloc(said->runs, (said->count + 1) * sizeof *more);
  said->bad = said->bad || !more;
  if (!more) return;
  said->runs = more;
  said->runs[said->count++] = *run;
}

void lost_said_line(struct buf *out, const struct lost_run *run)
{
  char line[200], first[30], last[30];
  time_format(first, run->first_ms);
  time_format(last, run->last_ms);
  (void)snprintf(
      line, sizeof line, "    author %u lane %u: entry %" PRIu64 " to %" PRIu64 ", received %s to %s\n",
      run->stream.author, run->stream.lane, run->first_seq, run->first_seq + run->count - 1, first, last);
  put_text(out, line);
}

void lost_said_add(struct lost_said *said, uint32_t province, const struct record *record)
{
  struct lost_run run;
  if (record->stream.author == province && is_name(record->action, LOST_LEAF_ACTION) &&
      read_subject(record->subject, &run))
    lost_said_put(said, &run);
}

void lost_said_text_of(struct lost_said *said, struct name subject)
{
  struct lost_run run;
  if (read_subject(subject, &run)) lost_said_put(said, &run);
}

void lost_said_text(struct lost_said *said, const char *subject)
{
  lost_said_text_of(said, name_of(subject));
}

bool lost_said_covers(const struct lost_said *said, struct stream stream, uint64_t seq)
{
  for (size_t i = 0; i < said->count; i++) {
    const struct lost_run *run = &said->runs[i];
    if (run->stream.author == stream.author && run->stream.lane == stream.lane && seq >= run->first_seq &&
        seq - run->first_seq < run->count)
      return true;
  }
  return false;
}

void lost_said_wipe(struct lost_said *said)
{
  free(said->runs);
  *said = (struct lost_said){0};
}
