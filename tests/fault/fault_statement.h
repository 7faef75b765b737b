/* fault_statement.h - the n-th statement that SQLite begins goes wrong, whatever it is.
 *
 * Whoever reads or writes in several steps must say so when any of them fails, and not go on with half of
 * what it wanted to know.  The statement is interrupted at its first row: ERR_IO, as of a disk.
 * THREADS: tests have one. */
#ifndef SUNLIT_TESTS_FAULT_STATEMENT_H
#define SUNLIT_TESTS_FAULT_STATEMENT_H

#include <stdbool.h>

/* Of databases that are opened from here on.  Before SQLite is used. */
void fault_statement_install(void);
/* Counting begins; the n-th statement (from 1) goes wrong, or the next that can. */
void fault_statement_arm(int n);
/* Everything works again.  Has one gone wrong? */
bool fault_statement_disarm(void);

#endif
