#include "hub/admit.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "hub/issue.h"
#include "program/tails.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

bool admit_identify(struct link *link, struct db *db, uint32_t *branch, char serial[2 * CERT_SERIAL_SIZE + 1],
                    struct err *err)
{
  struct tls_peer peer;
  uint32_t code = 0, epoch = 0;
  *branch = 0;
  serial[0] = 0;
  if (!link_branch(link, &peer, NULL)) return true;
  hex_encode(serial, peer.serial, sizeof peer.serial);
  if (!certificate_check(db, serial, clock_wall_ms(), &code, &epoch, err)) return false;
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

void admit_event(struct hub *hub, uint32_t branch, const char *peer, const struct err *why)
{
  char actor[16];
  snprintf(actor, sizeof actor, "%u", branch);
  struct event event = {.peer = peer, .actor = branch ? actor : "", .why = why};
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  log_warning("sync port: %s%s%s refused: %s", peer, branch ? " branch " : "", branch ? actor : "",
              why->text);
  app_commit(&hub->app, &act, add_event, &event, NULL, NULL);
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

static bool collect_newest(void *ctx, const struct key *key)
{
  *(struct key *)ctx = *key;
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
  struct enrolled answer;
  bool again; /* the same key asks again: its epoch stays */
  struct issued issued;
  struct buf tail;
};

static bool use_invite(struct tx *tx, void *ctx, struct err *err)
{
  struct admission *a = ctx;
  uint8_t token[INVITE_TOKEN_SIZE];
  uint32_t branch = 0;
  int revoked = 0;
  struct err why = ERR_INIT;
  if (!hex_decode(token, sizeof token, a->ask->token))
    return err_rule(err, ERR_DENIED, "invite", "unknown_invite", "not an invitation of this province");
  if (!invite_use(tx, token, &branch, &why)) {
    bool fine = a->again && strcmp(why.rule, "used_invite") == 0;
    if (!fine && err) *err = why;
    if (!fine) return false;
    branch = a->ask->branch;
  }
  if (branch != a->ask->branch)
    return err_rule(err, ERR_DENIED, "invite", "unknown_invite", "the invitation is not for %u",
                    a->ask->branch);
  return certificate_revoke(tx, branch, "enrolled again", &revoked, err) &&
         certificate_add(tx, a->issued.serial, branch, a->answer.epoch, a->issued.until_ms, err) &&
         branch_contact_enrolled(tx, branch, a->answer.epoch, err);
}

/* Which epoch this is, what we have of the branch, and the keys, as the database says. */
static bool look_up(struct admission *a, struct db *db, struct err *err)
{
  const uint32_t branch = a->ask->branch;
  struct key newest = {0};
  struct head head;
  if (!division_get(db, branch, name_site, &a->answer, err) ||
      !key_list(db, branch, collect_newest, &newest, err) ||
      !stream_head(db, (struct stream){branch, 0}, &head, err))
    return false;
  a->again =
      newest.epoch && !newest.revoked_ms && crypto_equal(newest.public_key, a->ask->public_key, PUBLIC_SIZE);
  a->answer.epoch = newest.epoch + !a->again;
  a->answer.branch = branch;
  a->answer.province = a->hub->app.code;
  a->answer.head_seq = head.seq;
  memcpy(a->answer.head_hash, head.hash, HASH_SIZE);
  return key_list(db, a->hub->app.code, collect_key, &a->answer, err) &&
         key_list(db, branch, collect_key, &a->answer, err);
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

static bool add_key(struct admission *a, struct err *err)
{
  struct key key = {.author = a->ask->branch, .epoch = a->answer.epoch, .since_ms = clock_wall_ms()};
  memcpy(key.public_key, a->ask->public_key, PUBLIC_SIZE);
  if (a->again) return true;
  return store_key_add(a->hub->app.store, &key, err) && collect_key(&a->answer, &key);
}

void admit_enrol(struct hub *hub, struct exchange_hub *x, const struct enrol *ask, const char *peer,
                 struct moment now)
{
  struct admission a = {.hub = hub, .ask = ask};
  struct err err = ERR_INIT;
  struct db *db = NULL;
  a.answer.wall_ms = now.wall_ms;
  bool ok = readers_take(hub->app.readers, &db, &err) && look_up(&a, db, &err);
  readers_give(hub->app.readers, db);
  ok = ok && issue(&a, peer, &err) && app_local(&hub->app, use_invite, &a, &err) && add_key(&a, &err);
  if (ok) {
    log_info("branch %u enrolled, epoch %u", ask->branch, a.answer.epoch);
    exchange_hub_enrolled(x, &a.answer, now);
  } else {
    admit_event(hub, 0, peer, &err);
    exchange_hub_refuse(x, err.rule[0] ? err.rule : err_kind_name(err.kind), err.text, now);
  }
  issued_wipe(&a.issued);
  buf_wipe(&a.tail);
}
