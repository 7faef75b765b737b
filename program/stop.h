/* stop.h - how a program is told to end: SIGTERM or SIGINT, taken by the main thread alone.
 *
 * Call stop_start before the first thread, so that every thread inherits the blocked signals and none is ever
 * interrupted by one.  A second signal during a slow drain is not needed: systemd sends SIGKILL in its time,
 * and a killed program loses nothing it has acknowledged. */
#ifndef SUNLIT_PROGRAM_STOP_H
#define SUNLIT_PROGRAM_STOP_H

#include <stdbool.h>

void stop_start(void);
/* Waits at most ms; true once a signal has come, and from then on at once. */
bool stop_wait(int ms);

#endif
