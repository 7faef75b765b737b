#include "hub/admit.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "hub/enrolled.h"
#include "hub/issue.h"
#include "program/tails.h"
#include "sync/store_keys.h"
#include "sync/stranger.h"
#include "sync/streams.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Our own authority gave it, and our database does not know it: it is of before the certificate (stranger.h).
 */
static bool explain_unknown(struct db *db, uint32_t branch, const char *serial, struct err *err)
{
  struct err unknown = *err;
  bool settled = false;
  err_clear(err);
  if (!stranger_is_settled(db, branch, serial, &settled, err)) return false;
  if (settled)
    *err = unknown;
  else
    err_rule(err, ERR_DENIED, "certificate", "log_rolled_back",
             "branch %" PRIu32
             " shows certificate %s of this province, which its database does not know: it went "
             "back to before that; rebuild it from the branches",
             branch, serial);
  return false;
}

bool admit_is_of_dates(const struct err *why)
{
  return strcmp(why->rule, "certificate_early") == 0 || strcmp(why->rule, "certificate_ended") == 0;
}

bool admit_identify(struct link *link, struct db *db, uint32_t *branch, char serial[2 * CERT_SERIAL_SIZE + 1],
                    struct err *err)
{
  struct tls_peer peer;
  uint32_t code = 0, epoch = 0;
  struct err why = ERR_INIT;
  *branch = 0;
  serial[0] = 0;
  if (!link_branch(link, &peer, &why)) {
    if (!admit_is_of_dates(&why)) return true;
    if (err) *err = why;
    return false;
  }
  hex_encode(serial, peer.serial, sizeof peer.serial);
  if (!certificate_check(db, serial, clock_wall_ms(), &code, &epoch, err))
    return strcmp(err->rule, "unknown_certificate") == 0 && explain_unknown(db, peer.code, serial, err);
  if (code != peer.code)
    return err_rule(err, ERR_DENIED, "certificate", "unknown_certificate",
                    "certificate %s names %u and was given to %u", serial, peer.code, code);
  *branch = code;
  return true;
}

struct event {
  const char *peer;
  const char *actor;
  const struct err *why;
};

static bool add_event(struct tx *tx, void *ctx, struct err *err)
{
  const struct event *event = ctx;
  return security_event_add(tx, "link", event->actor, event->why->rule, event->peer, err);
}

static void tell(struct hub *hub, const char *actor, const char *peer, const struct err *why)
{
  struct event event = {.peer = peer, .actor = actor, .why = why};
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  app_commit(&hub->app, &act, add_event, &event, NULL, NULL);
}

void admit_event(struct hub *hub, uint32_t branch, const char *peer, const struct err *why)
{
  char actor[16] = "";
  if (branch) snprintf(actor, sizeof actor, "%u", branch);
  log_warning_of(branch ? actor : peer, "sync port: %s%s%s refused: %s", peer, branch ? " branch " : "",
                 actor, why->text);
  tell(hub, actor, peer, why);
}

/* Every key a node must know: the province's and its own, old epochs too. */
static bool collect_key(void *ctx, const struct key *key)
{
  struct enrolled *answer = ctx;
  if (answer->keys_count == ENROL_KEYS_MAX) return false;
  struct known_key *known = &answer->keys[answer->keys_count++];
  *known = (struct known_key){
      .author = key->author, .epoch = key->epoch, .since_ms = key->since_ms, .revoked_ms = key->revoked_ms};
  memcpy(known->public_key, key->public_key, PUBLIC_SIZE);
  return true;
}

static void name_site(void *ctx, const struct division *row)
{
  struct enrolled *answer = ctx;
  snprintf(answer->site_name, sizeof answer->site_name, "%s", row->name_zh);
}

struct admission {
  struct hub *hub;
  const struct enrol *ask;
  struct enrolling enrolling;
  struct enrolled answer;
  struct issued issued;
  struct invite invite;
  struct buf tail;
};

static bool read_token(const struct admission *a, uint8_t token[INVITE_TOKEN_SIZE], struct err *err)
{
  return hex_decode(token, INVITE_TOKEN_SIZE, a->ask->token) ||
         err_rule(err, ERR_DENIED, "invite", "unknown_invite", "not an invitation of this province");
}

static bool is_for(const struct admission *a, const struct invite *invite, struct err *err)
{
  return invite->branch == a->ask->branch || err_rule(err, ERR_DENIED, "invite", "unknown_invite",
                                                      "the invitation is not for %u", a->ask->branch);
}

/* Before anything is signed or written: a token that opens nothing costs one look. */
static bool look(const struct admission *a, int64_t now_ms, struct err *err)
{
  struct db *db = NULL;
  struct invite invite;
  uint8_t token[INVITE_TOKEN_SIZE];
  if (!store_may_enrol(a->hub->app.store, err) || !read_token(a, token, err) ||
      !readers_take(a->hub->app.readers, &db, err))
    return false;
  bool ok = invite_look(db, now_ms, token, a->ask->public_key, &invite, err) && is_for(a, &invite, err);
  readers_give(a->hub->app.readers, db);
  return ok;
}

/* With the key, in one transaction: an invitation is used up exactly when the enrolment counts. */
static bool use_invite(struct tx *tx, void *ctx, struct err *err)
{
  struct admission *a = ctx;
  uint8_t token[INVITE_TOKEN_SIZE];
  int revoked = 0;
  return read_token(a, token, err) && invite_use(tx, token, a->ask->public_key, &a->invite, err) &&
         is_for(a, &a->invite, err) &&
         certificate_revoke(tx, a->invite.branch, "enrolled again", &revoked, err) &&
         certificate_add(tx, a->issued.serial, a->invite.branch, a->enrolling.epoch, a->issued.until_ms,
                         err) &&
         branch_contact_enrolled(tx, a->invite.branch, a->enrolling.epoch, err);
}

static bool look_at_epochs(struct admission *a, struct err *err)
{
  struct db *db = NULL;
  const struct app *app = &a->hub->app;
  bool ok = readers_take(app->readers, &db, err) &&
            enrolled_newest(db, app->code, a->ask->branch, &a->enrolling.given, err);
  readers_give(app->readers, db);
  return ok;
}

static bool record(struct tx *tx, void *ctx, struct err *err)
{
  const struct admission *a = ctx;
  const struct enrolled_certificate given = {.branch = a->ask->branch,
                                             .epoch = a->enrolling.epoch,
                                             .serial = a->issued.serial,
                                             .until_ms = a->issued.until_ms};
  return enrolled_record(tx, &given, err);
}

/* The branch is in, and the log must say so: when it cannot now, it will when this program starts again. */
static void tell_log(struct admission *a)
{
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  if (!app_commit(&a->hub->app, &act, record, a, NULL, &err))
    log_error("the log does not name certificate %s of branch %u yet: %s", a->issued.serial, a->ask->branch,
              err.text);
}

static bool enrol(struct admission *a, int64_t now_ms, struct err *err)
{
  if (!look_at_epochs(a, err)) return false;
  a->enrolling.author = a->ask->branch;
  a->enrolling.had = a->ask->had;
  memcpy(a->enrolling.public_key, a->ask->public_key, PUBLIC_SIZE);
  bool ok = store_enrol(a->hub->app.store, &a->enrolling, now_ms, use_invite, a, err);
  app_note(&a->hub->app, ok, err);
  return ok;
}

/* What the branch is told: who it is, what we have of it, and the keys, as the database says now. */
static bool fill_answer(struct admission *a, struct err *err)
{
  struct db *db = NULL;
  struct enrolled *answer = &a->answer;
  answer->branch = a->ask->branch;
  answer->province = a->hub->app.code;
  answer->epoch = a->enrolling.epoch;
  answer->head_seq = a->enrolling.base_seq;
  memcpy(answer->head_hash, a->enrolling.base_hash, HASH_SIZE);
  bool ok = readers_take(a->hub->app.readers, &db, err) &&
            division_get(db, answer->branch, name_site, answer, err) &&
            key_list(db, answer->province, collect_key, answer, err) &&
            key_list(db, answer->branch, collect_key, answer, err);
  readers_give(a->hub->app.readers, db);
  return ok;
}

static bool issue(struct admission *a, const char *peer, struct err *err)
{
  if (!issue_certificates(a->hub, a->ask->branch, a->ask->tls_key, peer, &a->issued, err)) return false;
  tail_put(&a->tail, TAIL_PEOPLE_CERTIFICATE, a->issued.people.data, a->issued.people.size);
  a->answer.certificate = (struct span){a->issued.certificate.data, a->issued.certificate.size};
  a->answer.ca = (struct span){a->hub->authority_der.data, a->hub->authority_der.size};
  a->answer.tail = (struct span){a->tail.data, a->tail.size};
  return !a->tail.bad || err_set(err, ERR_IO, "out of memory for certificates");
}

/* An invitation that is asked again with its key: an answer was lost, or somebody asks without end.  Said
 * once.
 */
static void note_again(const struct admission *a, const char *peer)
{
  char actor[16];
  struct err again = ERR_INIT;
  if (a->invite.answers != 1) return;
  snprintf(actor, sizeof actor, "%u", a->invite.branch);
  err_rule(&again, ERR_CONFLICT, "invite", "enrolled_again", "a used invitation, asked again with its key");
  tell(a->hub, actor, peer, &again);
}

void admit_enrol(struct hub *hub, struct exchange_hub *x, const struct enrol *ask, const char *peer,
                 struct moment now)
{
  struct admission a = {.hub = hub, .ask = ask};
  struct err err = ERR_INIT;
  a.answer.wall_ms = now.wall_ms;
  bool ok = look(&a, now.wall_ms, &err) && issue(&a, peer, &err) && enrol(&a, now.wall_ms, &err) &&
            fill_answer(&a, &err);
  if (ok) {
    log_info("branch %u enrolled, epoch %u", ask->branch, a.answer.epoch);
    tell_log(&a);
    note_again(&a, peer);
    exchange_hub_enrolled(x, &a.answer, now);
  } else {
    admit_event(hub, 0, peer, &err);
    exchange_hub_refuse(x, err.rule[0] ? err.rule : err_kind_name(err.kind), err.text, now);
  }
  issued_wipe(&a.issued);
  buf_wipe(&a.tail);
}
