/* aside_page.h - entries of this site that were put aside (sync/aside.h), for people: whose, what, why, and
 * what is decided about each.
 *
 * One that is kept is tried once more when a person asks, or decided to be left aside: an act of its own, a
 * security event "handled" that names the record by its hash, with the reason.  So the decision is signed,
 * goes up and is there again after a rebuilding.  THREADS: the request's. */
#ifndef SUNLIT_SITE_ASIDE_PAGE_H
#define SUNLIT_SITE_ASIDE_PAGE_H

#include "site/answer.h"

/* {items, total, schema}: at most 200, those that wait or are kept before those that were journaled again.
 * Sets the caller's rows. */
answer_read aside_read;
/* POST .../{id}/retry and .../{id}/leave */
web_handler post_aside_retry;
web_handler post_aside_leave;

#endif
