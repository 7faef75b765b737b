/* fault_vfs.h - a file system for SQLite in which the n-th durable step goes wrong.
 *
 * A shim over the default VFS.  Steps are writes, syncs, truncations and deletions of any file.  One step can
 * fail undone, fail done (it happened, the caller is told it did not), find the disk full, or be the moment
 * the power goes: from then on nothing works, and what was not synced is gone. THREADS: tests have one. */
#ifndef SUNLIT_TESTS_FAULT_VFS_H
#define SUNLIT_TESTS_FAULT_VFS_H

#include <stdbool.h>

enum fault_kind { FAULT_UNDONE, FAULT_DONE, FAULT_FULL, FAULT_POWER, FAULT_KINDS };
extern const char *const fault_names[FAULT_KINDS];

void fault_vfs_install(void); /* becomes the default VFS */
/* Counting begins; step `step` (from 1) goes wrong.  0: none does, for counting. */
void fault_arm(enum fault_kind kind, int step);
/* Everything works again.  Returns the steps counted; *hit says whether the step came. */
int fault_disarm(bool *hit);
/* After a power cut with everything closed: puts each file in the folder back to its last synced contents. */
void fault_lose_unsynced(const char *folder);

#endif
