/* intake.h - one batch on its way in, shared by what decides about it (apply.c) and what puts back into its
 * place what was missing (mend.c).  Private to these two. */
#ifndef SUNLIT_SYNC_INTAKE_H
#define SUNLIT_SYNC_INTAKE_H

#include "sync/apply.h"
#include "sync/rows.h"
#include "sync/store_state.h"

/* One batch being taken. */
struct intake {
  struct store *store;
  const struct batch *batch;
  struct stream_state *state;
  struct apply_result *result;
  int64_t received_ms;
  bool any_withheld; /* an act names one of its entries */
  bool any_aside;    /* of its stream: settle.h */
  struct err *err;
};

/* The payload that is to be taken of entry seq: none when an act withholds it. */
bool intake_payload(struct intake *in, const struct batch_entry *entry, uint64_t seq, const uint8_t **out);
/* Applies an entry that is logged at pos.  False is a fault; a refusal is kept and counted. */
bool intake_apply(struct intake *in, const struct batch_entry *entry, uint64_t seq, const uint8_t *payload,
                  int64_t pos);
/* A schema we do not know is waited for; an older one we do know, because columns are only ever appended. */
bool intake_schema_known(const struct store *store, uint32_t schema, const uint8_t hash[SCHEMA_HASH_SIZE],
                         struct refusal *why);

/* The first `overlap` entries of the batch stand here already: what is lost of them, or stands here without
 * its content though no act withholds it, is put into its place.  What waits for a newer program waits. */
bool intake_mend(struct intake *in, uint32_t overlap);

#endif
