/* descriptors.h - as many open files and sockets as the system lets us have.
 * The usual soft limit of 1024 is for programs that call select(2); a hub with a thousand lines needs more.
 */
#ifndef SUNLIT_PROGRAM_DESCRIPTORS_H
#define SUNLIT_PROGRAM_DESCRIPTORS_H

void descriptors_raise(void);

#endif
