/* unwritten.h - what a site remembers in memory while its database cannot be written: who is logged in, who
 * guessed wrongly, and what an auditor must be told.
 *
 * A full disk, a copy that waits for its history or a frozen stream are when somebody must log in and look.
 * So a login that is right is let in even when its session cannot be stored; wrong ones are counted here
 * with the waits of lockout.h; and refusals wait here, added up by kind, account and peer, until
 * unwritten_flush can journal them.  All of it is bounded, and gone when the program ends; refusals past the
 * bound are still counted.
 * THREADS: any; it has its own lock. */
#ifndef SUNLIT_SITE_UNWRITTEN_H
#define SUNLIT_SITE_UNWRITTEN_H

#include "core/domain/login.h"
#include "program/app.h"

struct unwritten;

enum { UNWRITTEN_SESSIONS_MAX = 64, UNWRITTEN_STRIKES_MAX = 256, UNWRITTEN_EVENTS_MAX = 128 };

bool unwritten_open(struct unwritten **out, struct err *err);
void unwritten_close(struct unwritten *u); /* NULL is fine */

/* Is this why a write failed, whatever was to be written? */
bool unwritten_is(const struct err *err);

/* A session in memory for an account whose password, the one it has since `password_ms`, was right; past the
 * bound the oldest goes. */
void unwritten_let_in(struct unwritten *u, const char *account, int64_t password_ms, const char *peer,
                      const char *agent, int64_t now_ms, char token[SESSION_TOKEN_SIZE]);
/* ERR_DENIED "no_session" as session_get: the account is asked of the database each time. */
bool unwritten_session(struct unwritten *u, struct db *db, const char *token, int64_t now_ms,
                       struct session *out, struct err *err);
void unwritten_forget(struct unwritten *u, const char *token);
/* The account's live ones, as session_list tells those in the table. */
bool unwritten_list(struct unwritten *u, struct db *db, const char *account, const char *token,
                    int64_t now_ms, void (*each)(void *ctx, const struct session_row *row), void *ctx,
                    struct err *err);
/* Ends the account's session of that id; false when it has none of it here. */
bool unwritten_end_one(struct unwritten *u, const char *account, int64_t id);
/* The account's sessions have ended in the database, so these end with them. */
void unwritten_end(struct unwritten *u, const char *account);

/* Its owner sets the next password, that of `next_ms`: once it is written this session goes on by it, and the
 * account's others here end with the old one. */
void unwritten_keep(struct unwritten *u, const char *token, int64_t next_ms);

/* How long this name or peer waits by what is counted here; 0: not at all.  Time of these three is monotonic,
 * and a count fades as in lockout.h. */
int64_t unwritten_wait(struct unwritten *u, const char *name, const char *peer, int64_t now_ms);
/* The password was right: the name's count is gone, the peer's is one less. */
void unwritten_forgive(struct unwritten *u, const char *name, const char *peer, int64_t now_ms);
/* One more failure of both; what it waits for it now. */
int64_t unwritten_strike(struct unwritten *u, const char *name, const char *peer, int64_t now_ms);

void unwritten_event(struct unwritten *u, const char *kind, const char *actor, const char *detail,
                     const char *peer);
/* Journals what waits; true with nothing done when nothing does.  False: all of it goes on waiting.  From one
 * thread. */
bool unwritten_flush(struct unwritten *u, struct app *app, struct err *err);

#endif
