/* lost.h - the hub of a test loses its disk: what is left is a copy of its first minutes, and its branches.
 */
#ifndef SUNLIT_TESTS_LOST_H
#define SUNLIT_TESTS_LOST_H

#include "sync/recall.h"
#include "tests/sim/province.h"

struct lost {
  char backup[200], gathered[200], rebuilt[200];
  struct recall *recall;
  int64_t fresh_from; /* leaves from here on are not the database's */
};

/* Copies the hub as it is now, marked as a copy. */
void lost_backup(struct lost *lost, struct province *p);
/* The hub's database is gone. */
void lost_disk(struct lost *lost, struct province *p);
/* The hub's database is one that went back and was written on: its own log, cut back, is what is left. */
void lost_went_back(struct lost *lost, struct province *p);
/* One branch brings what it has over a line that breaks after `budget` bytes up; true when that was all. */
bool lost_bring(struct lost *lost, struct province *p, size_t member, size_t budget);
/* The same with another certificate: another machine that has the member's keys. */
bool lost_bring_with(struct lost *lost, struct province *p, size_t member, const char *serial, size_t budget);
/* A number of what was gathered. */
int64_t lost_gathered(const struct lost *lost, const char *sql);
/* Writes the log on, in a copy of the backup. */
bool lost_assemble(struct lost *lost, struct recall_report *report, struct err *err);
/* Folds its tables and starts the hub on it. */
void lost_start(struct lost *lost, struct province *p);
void lost_end(struct lost *lost);
/* As a rebuilding leaves the hub's database: its tables are folded from its log, and it vouches for what lost
 * its signature. */
void lost_folded(struct province *p);
/* Every branch keeps the log as an earlier version did: a mirror of all of it, up to the checkpoint it holds,
 * and no tiles.  While the hub is there. */
void lost_mirrors(struct province *p);

#endif
