/* A peer with a good certificate says anything to the hub: the hub answers or ends, and never holds more than
 * it allows.  First byte: even, a branch; odd, a stranger.  Second: the size of each read. */
#include "core/base/limits.h"
#include "sync/batch.h"
#include "sync/exchange_hub.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/site.h"

#include <string.h>

static struct site hub;
static char folder[128];

static void clean(void)
{
  site_close(&hub);
  site_folder_remove(folder);
}

static void prepare(void)
{
  struct err err = ERR_INIT;
  if (hub.store) return;
  must(crypto_start(&err), &err, "crypto_start");
  site_folder(folder);
  site_make(&hub, folder, PROVINCE, 1795316000000);
  site_trust(&hub, 330101, 1);
  site_product(&hub, 1, "product", 1795316000000);
  site_decide(&hub, 330101, "accepted", 1795316000000);
  must(store_sign_head(hub.store, 1795316000000, &err), &err, "store_sign_head");
  (void)atexit(clean);
}

static void act(struct exchange_hub *x, struct moment now)
{
  struct exchange_hub_action action;
  struct err full = ERR_INIT;
  (void)err_set(&full, ERR_IO, "no");
  while (exchange_hub_action(x, &action)) {
    if (action.kind == HUB_INGEST) {
      exchange_hub_ingested(x, action.ticket, NULL, now.wall_ms, &full, now);
      batch_close(action.batch);
    }
    if (action.kind == HUB_HELLO) exchange_hub_welcome(x, now);
    if (action.kind == HUB_ENROL) exchange_hub_refuse(x, "invite_unknown", "no such invite", now);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct exchange_hub *x;
  struct moment now = {1000, 1795316000000};
  prepare();
  if (size < 2) return 0;
  struct exchange_hub_config config = {
      .db = hub.db, .province = PROVINCE, .branch = data[0] & 1 ? 0 : 330101, .program = "1.0.0"};
  store_schema(hub.store, &config.schema, config.schema_hash);
  CLAIM(exchange_hub_open(&x, &config, now, &err));
  for (size_t at = 2, step = 1 + (size_t)data[1]; at < size; at += step) {
    exchange_hub_input(x, data + at, size - at < step ? size - at : step, now);
    act(x, now);
    now.mono_ms += 100;
    CLAIM(exchange_hub_output(x).size < 4 * FRAME_SIZE_MAX);
    if (at % 3 == 0) exchange_hub_sent(x, exchange_hub_output(x).size, now);
  }
  now.mono_ms = exchange_hub_deadline(x);
  if (!exchange_hub_ended(x)) exchange_hub_tick(x, now);
  exchange_hub_close(x);
  return 0;
}
