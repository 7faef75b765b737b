/* edit.h - a request that writes: its body, its transaction, its answer, and the same answer when it comes
 * again.
 *
 * A browser that lost the answer sends the request once more with the same Idempotency-Key.  The first answer
 * is stored in the transaction that writes, so after any crash either both exist or neither, and a resend
 * gets the first answer or does the work for the first time; never twice.
 *
 *   static const char *const fields[] = {"product", "note", NULL};
 *   static const struct edit_plan plan = {.action = ACTION_CONFIRMATION_ADD, .fields = fields, .work =
 * work}; edit_run(request, app, &plan, NULL);
 *
 * The work runs inside the store's transaction: it reads edit->body, writes rows and writes the answer to
 * edit->out; when it sets tx->more (sync/store.h), in its last call.
 * THREADS: the request's. */
#ifndef SUNLIT_SITE_EDIT_H
#define SUNLIT_SITE_EDIT_H

#include "site/answer.h"

struct edit;
typedef bool edit_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err);

struct edit_plan {
  const char *action;        /* of the entry; NULL: local rows only, no entry */
  const char *const *fields; /* the members the body may have; NULL: no body is looked at;
                                edit_any_fields: an object, whose members the work checks */
  edit_work *work;
  int status; /* 0: 201 */
};

extern const char *const edit_any_fields[];

struct edit {
  struct web_request *request;
  struct app *app;
  const struct edit_plan *plan;
  const char *action;   /* the plan's, unless the caller says better before committing */
  uint32_t lane;        /* hub: the branch whose directed rows are written */
  json_t *body;         /* NULL when the plan names no fields */
  struct json_out out;  /* the answer */
  struct buf kept;      /* what a resend gets instead of out, when not empty */
  struct faults faults; /* all that is wrong with the input */
  struct buf params;    /* JSON object with the figures of a refusal, zero-terminated; or empty */
  uint8_t request_hash[HASH_SIZE];
  int status;
  bool replied;
  int tries; /* transactions */
  bool held; /* by the work, in the last of them, and not read again yet */
};

/* All three steps below. */
void edit_run(struct web_request *request, struct app *app, const struct edit_plan *plan, void *ctx);

/* Answers a resend, whatever this program would say of its body now; then reads and checks the body.  False:
 * it has replied; nothing to end. */
bool edit_begin(struct edit *edit, struct web_request *request, struct app *app,
                const struct edit_plan *plan);
/* Has an equal request been answered while this one waited for its turn?  False: it has replied with that
 * answer, or with a fault. */
bool edit_still_new(struct edit *edit);
/* One transaction.  False: it has replied with the refusal. */
bool edit_commit(struct edit *edit, void *ctx);
/* The same, which replies with no refusal: for who reads what was sent once more and tries again. */
bool edit_try(struct edit *edit, void *ctx, struct err *err) __attribute__((warn_unused_result));
/* What a sheet says was refused when it was written, though it was not when it was read: somebody else wrote
 * between the two.  It is read again, and is refused, or asked about, like any that is read. */
bool edit_read_again(struct edit *edit, const struct err *err);
/* How long the phone that brings the record says that it kept it; 0: it did not, or says what cannot be. */
int64_t edit_waited_ms(const struct edit *edit);
/* Replies with edit->out unless something has replied already, and frees. */
void edit_end(struct edit *edit);
void edit_refuse(struct edit *edit, const struct err *err);

#endif
