/* pace.h - how often one account, or branch, may do something that costs for good: so many at once, then one
 * in a while.
 *
 * A bucket as one number: each act moves the moment it is full again by every_ms.  In memory, bounded, and
 * gone after a restart, which nobody at a page can bring about; who wants it back says what was owed.  Time
 * is monotonic. THREADS: any. */
#ifndef SUNLIT_SITE_PACE_H
#define SUNLIT_SITE_PACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* More than a province has branches, or a site people at work: the place of one who owes is not given away.
 */
enum { PACE_ACCOUNTS_MAX = 1024 };

struct pace {
  pthread_mutex_t lock;
  int at_a_time;
  int64_t every_ms;
  struct {
    char account[33];
    int64_t full_ms; /* when it may again do all of at_a_time at once */
  } accounts[PACE_ACCOUNTS_MAX];
};

void pace_init(struct pace *pace, int at_a_time, int64_t every_ms);
void pace_wipe(struct pace *pace);
/* False: the account has done too many. */
bool pace_take(struct pace *pace, const char *account, int64_t mono_ms);
/* One that was taken and came to nothing. */
void pace_give(struct pace *pace, const char *account);
/* The same of n at once, all or none; n is at most at_a_time. */
bool pace_take_many(struct pace *pace, const char *account, int n, int64_t mono_ms);
void pace_give_many(struct pace *pace, const char *account, int n);

/* Who is not full, and in how many ms it is. */
typedef void pace_owes(void *ctx, const char *account, int64_t left_ms);
void pace_each(struct pace *pace, int64_t mono_ms, pace_owes *each, void *ctx);
/* As it was before a restart; never more than the bucket holds. */
void pace_owe(struct pace *pace, const char *account, int64_t left_ms, int64_t mono_ms);

#endif
