/* recall_report.h - what a rebuilding from the branches has come to, in words: on a copy, before it takes the
 * place of the database. */
#ifndef SUNLIT_HUB_RECALL_REPORT_H
#define SUNLIT_HUB_RECALL_REPORT_H

#include "sync/recall.h"

void recall_report_say(const struct recall_report *report);

#endif
