#include "hub/witness.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "sync/lost.h"
#include "sync/meeting.h"
#include "sync/store_log.h"
#include "sync/stranger.h"

#include <inttypes.h>
#include <stdio.h>

/* About whom a line of the log is. */
struct whom {
  char text[16];
};

static struct whom whom(uint32_t branch)
{
  struct whom name;
  snprintf(name.text, sizeof name.text, "%" PRIu32, branch);
  return name;
}

/* Each line stored is a write: of the many that a busy branch brings, the newest says how far it has come,
 * and that over the meeting is what the quorum waits for. */
void witness_cosigned(struct hub *hub, uint32_t branch, const struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  struct meeting meeting = {0};
  struct db *db = NULL;
  if (action->cosigned_count == 0) return;
  bool ok = readers_take(hub->app.readers, &db, &err) && meeting_get(db, &meeting, &err);
  readers_give(hub->app.readers, db);
  for (unsigned i = 0; ok && i < action->cosigned_count; i++) {
    if (i > 0 && action->cosigned[i].size != meeting.size) continue;
    struct cosignature came = {.size = action->cosigned[i].size,
                               .line = action->cosigned[i].line.p,
                               .line_size = action->cosigned[i].line.size,
                               .heard_ms = clock_wall_ms()};
    ok = store_cosignature(hub->app.store, branch, &came, &err);
  }
  if (!ok) log_warning_of(whom(branch).text, "branch %u: %s", branch, err.text);
}

void witness_lost(struct hub *hub, uint32_t branch, const struct held_message *held)
{
  struct err err = ERR_INIT;
  enum lost_verdict lost = LOST_NOT;
  if (!store_lost(hub->app.store, branch, held, clock_wall_ms(), &lost, &err)) {
    log_warning_of(whom(branch).text, "branch %u shows an entry of ours: %s", branch, err.text);
    app_note(&hub->app, false, &err);
  }
  if (lost == LOST_NOW)
    log_error_of(
        whom(branch).text,
        "branch %u holds an entry of this province that its log has otherwise or not at all: its disk went "
        "back; rebuild it from the branches",
        branch);
  if (lost == LOST_SETTLED)
    log_warning_of(
        whom(branch).text,
        "branch %u holds an entry of this province that no rebuilding brought back: it stands alone; bring "
        "its records with `export` and `accept`, then enrol it into a new directory",
        branch);
}

void witness_shown(struct hub *hub, uint32_t branch, struct span note)
{
  struct err err = ERR_INIT;
  bool rolled_back = false;
  bool ok = store_witnessed(hub->app.store, branch, (const char *)note.p, note.size, clock_wall_ms(),
                            &rolled_back, &err);
  if (!ok) log_warning_of(whom(branch).text, "branch %u shows a checkpoint: %s", branch, err.text);
  if (!rolled_back) return;
  err_rule(&err, ERR_CONFLICT, "log", "log_rolled_back",
           "branch %u holds a newer checkpoint of this log: it was restored from an old copy; rebuild it "
           "from the branches",
           branch);
  log_error_of(whom(branch).text, "%s", err.text);
  app_note(&hub->app, false, &err);
}

void witness_stranger(struct hub *hub, const struct link *link)
{
  struct tls_peer peer;
  struct err err = ERR_INIT;
  char serial[2 * CERT_SERIAL_SIZE + 1];
  bool first = false;
  if (!link_branch(link, &peer, &err)) return;
  hex_encode(serial, peer.serial, sizeof peer.serial);
  if (!store_stranger(hub->app.store, peer.code, serial, clock_wall_ms(), &first, &err)) {
    log_error_of(whom(peer.code).text, "branch %u shows a certificate of ours that is not known here: %s",
                 peer.code, err.text);
    app_note(&hub->app, false, &err);
  } else if (first)
    log_error(
        "branch %u shows certificate %s of this province, which its database does not know: its disk went "
        "back to before that; nothing is added any more: stop it, `sunlit-hub rebuild --from-branches "
        "--branches` and the codes of all branches, then run it again",
        peer.code, serial);
}
