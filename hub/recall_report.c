#include "hub/recall_report.h"

#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/base/say.h"

#include <stdio.h>

/* Whoever has witnessed another past of the province keeps to it. */
static void say_alone(const struct recall_report *report)
{
  char list[8 * RECALL_ALONE_NAMED + 1] = "";
  size_t at = 0;
  for (size_t i = 0; i < report->alone_count && i < RECALL_ALONE_NAMED; i++)
    at += (size_t)snprintf(list + at, sizeof list - at, "%s%u", i ? "," : "", report->alone[i]);
  if (report->alone_count)
    log_warning(
        "%zu branches have witnessed another log of this province, which this one does not continue: "
        "they will stand alone, and refuse it: %s%s. When theirs is the one to go on with, put back the "
        "database as it was before anything runs on this one, and give the command again with --without "
        "and who holds the other",
        report->alone_count, list, report->alone_count > RECALL_ALONE_NAMED ? ",..." : "");
}

void recall_report_say(const struct recall_report *report)
{
  char root[2 * HASH_SIZE + 1];
  hex_encode(root, report->root.bytes, HASH_SIZE);
  say("%llu leaves of the backup and %llu of the branches: the log has %llu again\nits root is the one last "
      "witnessed: %s\n",
      (unsigned long long)report->from, (unsigned long long)(report->size - report->from),
      (unsigned long long)report->size, root);
  if (report->lost)
    say("%llu of them are lost: their hashes stand in the log, and nobody has what they said\n",
        (unsigned long long)report->lost);
  if (report->tail)
    say("%llu entries of the province that a branch had and had not witnessed follow it\n",
        (unsigned long long)report->tail);
  say_alone(report);
}
