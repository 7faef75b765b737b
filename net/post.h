/* post.h - one question at a time to somebody else's web server: POST over HTTP/1.1, with a deadline on every
 * step.
 *
 * The only HTTP client in the house; it asks outside witnesses (c2sp.org/tlog-witness).  https:// verifies
 * the server's name against the authorities of a PEM file; http:// is for this machine alone (127.0.0.1, ::1,
 * localhost).  One connection a question; redirections are not followed.
 * THREADS: one at a time, except post_cut. */
#ifndef SUNLIT_NET_POST_H
#define SUNLIT_NET_POST_H

#include "net/reply.h"

#include "core/base/err.h"

struct post;

/* `url` is where questions go, e.g. "https://witness.example/add-checkpoint"; ERR_INPUT rule "url" when it is
 * not one we ask.  `authorities`: path of a PEM file, read anew for each question; copied, as url. */
bool post_open(struct post **out, const char *url, const char *authorities, struct err *err)
    __attribute__((warn_unused_result));
void post_close(struct post *post);

/* The whole of it takes at most 8 s to connect, 8 s to send and 16 s to answer.  The caller wipes
 * reply->body when this returns true. */
bool post_send(struct post *post, const char *type, const void *body, size_t size, struct reply *reply,
               struct err *err) __attribute__((warn_unused_result));
/* Any thread: the question being asked fails, and every later one. */
void post_cut(struct post *post);

#endif
