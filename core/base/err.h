/* err.h - what went wrong, in one plain struct that travels by pointer.
 *
 * A fallible function takes `struct err *err` last, returns bool, and writes to it only when it returns
 * false. The first error wins: setting an error over another keeps the first.  The kind decides the policy of
 * the caller: INPUT, DENIED, LIMIT, MISSING, CONFLICT and REFUTED refuse what was asked, BUSY is tried again
 * later, IO and CORRUPT stop the store it happened in: what somebody brings is never CORRUPT, whatever it is.
 * `rule` is a stable word such as "range" or "unknown_division" that a page translates; `field` names the
 * input it is about; `text` is one English sentence that names the value.     */
#ifndef SUNLIT_BASE_ERR_H
#define SUNLIT_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

enum err_kind {
  ERR_NONE = 0,
  ERR_INPUT,    /* the input breaks a rule */
  ERR_DENIED,   /* who asks may not */
  ERR_LIMIT,    /* more than limits.h or a rate allows */
  ERR_MISSING,  /* what is named does not exist */
  ERR_CONFLICT, /* what is stored has moved on since the asker looked */
  ERR_BUSY,     /* not now; the same call may go through later */
  ERR_IO,       /* disk, socket or system call; includes a full disk */
  ERR_CORRUPT,  /* bytes of our own store contradict themselves */
  ERR_REFUTED   /* a proof or signature that somebody brought does not hold */
};

struct err {
  enum err_kind kind;
  char rule[48];
  char field[48];
  char text[360];
};

#define ERR_INIT                                                                                             \
  {                                                                                                          \
    .kind = ERR_NONE                                                                                         \
  }

/* All three return false, so that a refusal is one line.  err may be NULL: the caller does not care why. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool err_rule(struct err *err, enum err_kind kind, const char *field, const char *rule, const char *format,
              ...) __attribute__((format(printf, 5, 6)));
/* Puts "what: " before the text of an error that is already set. */
bool err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What the system would not do with a file, and why: of errno.  A full disk and a read-only one have their
 * own rule and say what to do. */
bool err_disk(struct err *err, const char *what, const char *path);
void err_clear(struct err *err);
/* Leaves of each absolute path in the text its last name: whoever asks over a line need not know where the
 * program keeps its files. */
void err_drop_folders(char *text);
/* What was asked, or the row it is about, is refused, and would be again; not that disk or store cannot. */
bool err_is_about_input(const struct err *err);
/* Disk, store or lock cannot; that says nothing about what was asked. */
bool err_is_fault(const struct err *err);
const char *err_kind_name(enum err_kind kind);

#ifdef __clang_analyzer__
/* The analyzer looks at one file at a time and cannot know that these never answer true; unless told, it
 * follows refusals as if they had succeeded. */
static inline bool err_false(void)
{
  return false;
}
#define err_set(...) (err_set(__VA_ARGS__), err_false())
#define err_rule(...) (err_rule(__VA_ARGS__), err_false())
#define err_prefix(...) (err_prefix(__VA_ARGS__), err_false())
#define err_disk(...) (err_disk(__VA_ARGS__), err_false())
#endif

#endif
