/* say.h - what a command says at a terminal.
 *
 * The format is ours; the values are what people stored or typed, or what another program sent.  A control in
 * them would act on the terminal, a mark of direction would turn the line around, and a line break would make
 * a line that nobody said.  So each %s is written as text.h takes a name, "?" for each character that is
 * none. Nothing else in the house writes to stdout or stderr but the log (tests/house/rules.sh, terminal).
 *
 * Conversions: s d i u x c %, with -, 0, a width, a precision of s, and the lengths h l ll z.  THREADS: any.
 */
#ifndef SUNLIT_BASE_SAY_H
#define SUNLIT_BASE_SAY_H

#include <stddef.h>

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));       /* to stdout */
void say_wrong(const char *format, ...) __attribute__((format(printf, 1, 2))); /* to stderr */
/* Text that was put together elsewhere: its lines and tabs stay. */
void say_lines(const void *text, size_t size);
void say_wrong_lines(const void *text, size_t size);

#endif
