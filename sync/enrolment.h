/* enrolment.h - a node without a certificate asks for one: the node's end of that one connection.
 *
 * ENROL goes out with the invite's token, the keys the node has made, and a signature that proves it holds
 * the signing key; ENROLLED or REFUSE comes back.  The same calls as exchange_node, one question long.
 * THREADS: none.  OWNERSHIP: the answer borrows from the object until it is closed. */
#ifndef SUNLIT_SYNC_ENROLMENT_H
#define SUNLIT_SYNC_ENROLMENT_H

#include "sync/exchange.h"
#include "sync/message.h"

struct enrolment;

enum enrolment_state { ENROLMENT_WAITS, ENROLMENT_DONE, ENROLMENT_FAILED };

bool enrolment_open(struct enrolment **out, const struct enrol *ask, const uint8_t secret[SECRET_SIZE],
                    struct moment now, struct err *err) __attribute__((warn_unused_result));
void enrolment_close(struct enrolment *x);
struct span enrolment_output(const struct enrolment *x);
void enrolment_sent(struct enrolment *x, size_t n, struct moment now);
void enrolment_input(struct enrolment *x, const void *p, size_t n, struct moment now);
void enrolment_tick(struct enrolment *x, struct moment now);
int64_t enrolment_deadline(const struct enrolment *x);
/* DONE: *answer is set.  FAILED: err says why, with the hub's rule when it refused ("invite_expired" ...). */
enum enrolment_state enrolment_state(const struct enrolment *x, const struct enrolled **answer,
                                     struct err *err);

#endif
