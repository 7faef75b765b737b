#include "sync/peer_pace.h"

#include "sync/exchange.h"

static const int64_t FULL_MS = (int64_t)HELLO_BURST * HELLO_LEAST_MS;

void peer_pace_init(struct peer_pace *pace, int64_t now_ms)
{
  *pace = (struct peer_pace){.last_ms = now_ms, .credit_ms = FULL_MS};
}

bool peer_pace_hello(struct peer_pace *pace, int64_t now_ms, struct err *err)
{
  int64_t credit_ms = pace->credit_ms + (now_ms - pace->last_ms);
  if (credit_ms > FULL_MS) credit_ms = FULL_MS;
  if (credit_ms < HELLO_LEAST_MS)
    return err_rule(err, ERR_LIMIT, "HELLO", "hello_too_often", "more than %d greetings at once",
                    HELLO_BURST);
  *pace = (struct peer_pace){.last_ms = now_ms, .credit_ms = credit_ms - HELLO_LEAST_MS};
  return true;
}

bool peer_pace_claim(struct peer_pace *pace, struct err *err)
{
  if (pace->claims >= CLAIMS_MAX)
    return err_rule(err, ERR_LIMIT, "claim", "claims_too_often",
                    "more than %d claims or refused batches since its greeting", CLAIMS_MAX);
  pace->claims++;
  return true;
}
