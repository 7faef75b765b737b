#include "node/enroll.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/domain/account.h"
#include "core/domain/security_event.h"
#include "net/cert.h"
#include "program/app.h"
#include "program/invitation.h"
#include "program/line.h"
#include "program/tails.h"
#include "sync/enrolment.h"
#include "sync/hole_aside.h"
#include "sync/lost_said.h"
#include "sync/own_epochs.h"

#include <stdio.h>
#include <string.h>

enum { DIAL_MS = 15 * 1000 };

struct enroll {
  struct data_dir dir;
  struct invitation invitation;
  struct identity identity;
  struct cert_key *tls_key;
  struct buf public_der; /* of tls_key */
  bool has_database;
  uint32_t had; /* the newest epoch that it has been in with other keys; 0: none */
  bool says;    /* ... which the province is told */
};

static struct moment now(void)
{
  return (struct moment){.mono_ms = clock_mono_ms(), .wall_ms = clock_wall_ms()};
}

static const uint8_t *public_key(const struct identity *identity)
{
  return identity->secret + SECRET_SIZE - PUBLIC_SIZE;
}

/* How far this directory has been with other keys than these, as its keys and its database say. */
static bool look_back(struct enroll *e, const uint8_t key[PUBLIC_SIZE], uint32_t *had, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct identity now = {0};
  struct err none = ERR_INIT;
  struct db *db = NULL;
  *had = 0;
  if (identity_read(&e->dir, "keys", &now, &none) && now.code == e->invitation.branch &&
      memcmp(public_key(&now), key, PUBLIC_SIZE) != 0)
    *had = now.epoch;
  identity_wipe(&now);
  if (!e->has_database) return true;
  uint32_t newest = 0;
  bool ok = db_open(&db, data_dir_path(&e->dir, "store.db", path), DB_READ, err) &&
            own_epoch_newest(db, e->invitation.branch, key, &newest, err);
  db_close(db);
  if (newest > *had) *had = newest;
  return ok;
}

/* Keys that the province gave an epoch which this directory has been in with others are no earlier try that
 * can come to its end: a former release could leave them under that name, and so does a province whose disk
 * went back. */
static bool forget_former(struct enroll *e, struct err *err)
{
  struct identity beside = {0};
  struct err none = ERR_INIT;
  uint32_t had = 0;
  bool there = identity_read(&e->dir, "keys.new", &beside, &none);
  bool ok = !there || look_back(e, public_key(&beside), &had, err);
  if (ok && there && beside.epoch <= had) data_dir_keys_forget(&e->dir);
  identity_wipe(&beside);
  return ok;
}

/* Both keys, of an earlier try or new; the certificate of the people's port is for the same TLS key. */
static bool make_keys(struct enroll *e, struct err *err)
{
  char path[DATA_PATH_MAX];
  if (!forget_former(e, err) || !data_dir_keys_begin(&e->dir, err) ||
      !identity_key(&e->dir, "keys.new", e->identity.secret, err))
    return false;
  data_dir_path(&e->dir, "keys.new/tls.key", path);
  bool ok = data_dir_has(&e->dir, "keys.new/tls.key")
                ? cert_key_load(&e->tls_key, path, err)
                : cert_key_make(&e->tls_key, err) && cert_key_save(e->tls_key, path, err);
  ok = ok && cert_key_save(e->tls_key, data_dir_path(&e->dir, "keys.new/people.key", path), err);
  return ok && cert_key_public(e->tls_key, &e->public_der, err) &&
         look_back(e, public_key(&e->identity), &e->had, err);
}

static bool save(struct enroll *e, const char *name, struct span der, struct err *err)
{
  char path[DATA_PATH_MAX];
  return cert_save(data_dir_path(&e->dir, name, path), der.p, der.size, err);
}

/* The answer came over a line whose authority has the fingerprint of the invitation; what it says is checked
 * against that authority all the same, because every later handshake will be. */
static bool check_answer(struct enroll *e, const struct enrolled *answer, struct err *err)
{
  uint8_t fingerprint[HASH_SIZE];
  struct cert_facts facts;
  sha256(fingerprint, answer->ca.p, answer->ca.size);
  if (!crypto_equal(fingerprint, e->invitation.fingerprint, sizeof fingerprint))
    return err_rule(err, ERR_DENIED, "invite", "fingerprint",
                    "the province's authority is not the one the invitation names");
  if (answer->branch != e->invitation.branch)
    return err_rule(err, ERR_DENIED, "invite", "branch", "the invitation is for %u, the answer for %u",
                    e->invitation.branch, answer->branch);
  return cert_issued_by(answer->certificate.p, answer->certificate.size, answer->ca.p, answer->ca.size,
                        err) &&
         cert_read(&facts, answer->certificate.p, answer->certificate.size, err);
}

/* Nothing is written under an answer on which this database cannot go on, and its keys are of no use then. */
static bool check_epochs(struct enroll *e, const struct enrolled *answer, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  if (!e->has_database) return true;
  bool ok = db_open(&db, data_dir_path(&e->dir, "store.db", path), DB_READ, err) &&
            own_epochs_check(db, answer, public_key(&e->identity), err);
  db_close(db);
  if (!ok && err->kind == ERR_CONFLICT) data_dir_keys_forget(&e->dir);
  return ok;
}

/* What of the invitation is kept: enough to know it again. */
static void token_hash(const struct invitation *invitation, char out[2 * HASH_SIZE + 1])
{
  uint8_t hash[HASH_SIZE];
  sha256(hash, invitation->token, sizeof invitation->token);
  hex_encode(out, hash, sizeof hash);
}

static bool keep_answer(struct enroll *e, const struct enrolled *answer, struct err *err)
{
  struct span people;
  if (!tail_get(answer->tail, TAIL_PEOPLE_CERTIFICATE, &people))
    return err_set(err, ERR_INPUT, "the province sent no certificate for the people's port");
  e->identity.code = answer->branch;
  e->identity.province = answer->province;
  e->identity.epoch = answer->epoch;
  e->identity.base_seq = answer->head_seq;
  e->identity.enrolled_ms = answer->wall_ms;
  memcpy(e->identity.base_hash, answer->head_hash, HASH_SIZE);
  token_hash(&e->invitation, e->identity.invite);
  snprintf(e->identity.hub, sizeof e->identity.hub, "%s", e->invitation.address);
  snprintf(e->identity.name, sizeof e->identity.name, "%s", answer->site_name);
  return save(e, "keys.new/tls.crt", answer->certificate, err) &&
         save(e, "keys.new/ca.crt", answer->ca, err) && save(e, "keys.new/people.crt", people, err) &&
         identity_write(&e->dir, "keys.new", &e->identity, err);
}

struct first_account {
  bool first; /* nobody could log in without it */
  struct one_time once;
  const struct lost_run *denied; /* holes that the province turns out not to have: the trail is told */
};

static bool leave_denied(struct tx *tx, const struct lost_run *run, struct err *err)
{
  char subject[LOST_SUBJECT_SIZE];
  lost_subject(subject, run);
  return run->count == 0 || security_event_leave(tx, "hole_denied", subject, err);
}

/* On a first enrolment, and when the database with the accounts was lost. */
static bool put_admin(struct tx *tx, void *ctx, struct err *err)
{
  struct first_account *a = ctx;
  struct one_time *once = &a->once;
  int64_t accounts = 0;
  if (!leave_denied(tx, a->denied, err)) return false;
  if (!db_int(tx->db, "SELECT count(*) FROM account", 0, &accounts, err)) return false;
  a->first = a->first || accounts == 0;
  if (!a->first) return true;
  struct err exists = ERR_INIT;
  if (account_add(tx, SITE_NODE, "admin", "admin", once->hash, &exists)) return true;
  if (exists.kind != ERR_CONFLICT) {
    if (err) *err = exists;
    return false;
  }
  /* The password said here must open it, also when others have disabled it or given it another role. */
  return account_change(tx, SITE_NODE, "admin", "admin", &(bool){false}, err) &&
         account_set_password(tx, "admin", once->hash, true, NULL, err);
}

/* The database under the new identity, and where there is none yet the first account, whose password is said
 * before the keys are put in place: a crash between the two makes another one, never none. */
static bool fill_store(struct enroll *e, const struct enrolled *answer, struct err *err)
{
  struct store *store = NULL;
  size_t others = 0;
  struct lost_run denied = {.count = 0};
  struct first_account account = {.first = !data_dir_has(&e->dir, "keys"), .denied = &denied};
  bool ok = app_migrate(&e->dir, NULL, err) && app_store_open(&store, &e->dir, &e->identity, err) &&
            own_keys_learn(store, answer, &others, err);
  if (ok) store_hole_news(store, &denied);
  ok = ok && one_time_make(&account.once, err) &&
       store_local(store, clock_wall_ms(), put_admin, &account, err);
  store_close(store);
  if (ok) say("enrolled %u %s epoch %u\n", e->identity.code, e->identity.name, e->identity.epoch);
  if (ok && others)
    say("the province names another key of %u than this directory signed with, in %zu of its epochs: its "
        "disk went "
        "back, or another machine was enrolled as this branch. What this directory wrote in them and the "
        "province "
        "has not got is written again\n",
        e->identity.code, others);
  if (ok && account.first) say("first administrator: admin  one-time password: %s\n", account.once.password);
  if (ok && fflush(stdout) != 0) ok = err_set(err, ERR_IO, "what was enrolled cannot be printed");
  crypto_wipe(&account, sizeof account);
  return ok && data_dir_keys_place(&e->dir, err);
}

/* The same line again after everything was done, because its end was not seen. */
static bool is_done(const struct enroll *e)
{
  struct identity now = {0};
  struct err none = ERR_INIT;
  char hash[2 * HASH_SIZE + 1];
  token_hash(&e->invitation, hash);
  bool done = data_dir_has(&e->dir, "store.db") && identity_read(&e->dir, "keys", &now, &none) &&
              strcmp(now.invite, hash) == 0;
  if (done) say("%u %s is enrolled with this invitation already, epoch %u\n", now.code, now.name, now.epoch);
  identity_wipe(&now);
  return done;
}

/* Asks, and hands the answer on while the machine still holds it. */
static bool converse(struct enroll *e, struct link *link, struct err *err)
{
  struct line line;
  struct enrolment *x = NULL;
  const struct enrolled *answer = NULL;
  struct enrol ask = {.branch = e->invitation.branch,
                      .tls_key = {e->public_der.data, e->public_der.size},
                      .program = SUNLIT_VERSION,
                      .had = e->says ? e->had : 0};
  hex_encode(ask.token, e->invitation.token, sizeof e->invitation.token);
  memcpy(ask.public_key, public_key(&e->identity), PUBLIC_SIZE);
  bool ok = line_init(&line, link, err) && enrolment_open(&x, &ask, e->identity.secret, now(), err);
  enum enrolment_state state = ENROLMENT_WAITS;
  while (ok && (state = enrolment_state(x, &answer, err)) == ENROLMENT_WAITS) {
    size_t sent = 0, got = 0;
    enum link_event event = line_turn(&line, enrolment_output(x), &sent, &got, enrolment_deadline(x), err);
    if (sent) enrolment_sent(x, sent, now());
    if (got) enrolment_input(x, line.in, got, now());
    enrolment_tick(x, now());
    if (event == LINK_END && !got) err_set(err, ERR_IO, "the province hung up");
    ok = event != LINK_FAILED && (event != LINK_END || got);
  }
  ok = ok && state == ENROLMENT_DONE && check_answer(e, answer, err) && check_epochs(e, answer, err) &&
       keep_answer(e, answer, err) && fill_store(e, answer, err);
  enrolment_close(x);
  line_wipe(&line);
  return ok;
}

static bool ask_once(struct enroll *e, struct err *err)
{
  struct tls *tls = NULL;
  struct link *link = NULL;
  const struct tls_config config = {.use = TLS_ENROL_CLIENT, .fingerprint = e->invitation.fingerprint};
  bool ok = tls_open(&tls, &config, err) &&
            link_dial(&link, tls, e->invitation.address, clock_mono_ms() + DIAL_MS, err) &&
            converse(e, link, err);
  if (link) link_close(link);
  if (tls) tls_close(tls);
  return ok;
}

/* A province of an earlier program does not read how far the branch has been, and refuses the message for it.
 */
static bool ask(struct enroll *e, struct err *err)
{
  e->says = e->had > 0;
  if (ask_once(e, err)) return true;
  if (strcmp(err->rule, "key_used_before") == 0) data_dir_keys_forget(&e->dir);
  if (!e->says || strcmp(err->rule, "message_malformed") != 0) return false;
  err_clear(err);
  e->says = false;
  return ask_once(e, err);
}

static bool is_this_branch(const struct enroll *e, int64_t code, struct err *err)
{
  return code == 0 || code == (int64_t)e->invitation.branch ||
         err_rule(err, ERR_CONFLICT, "dir", "other_site",
                  "%s is the directory of %lld, the invitation is for %u: it was not used", e->dir.path,
                  (long long)code, e->invitation.branch);
}

/* Whose keys are here, also when the database is lost; 0: nobody's. */
static int64_t kept_code(const struct enroll *e)
{
  struct identity identity;
  if (!identity_read(&e->dir, "keys", &identity, NULL)) return 0;
  int64_t code = identity.code;
  identity_wipe(&identity);
  return code;
}

/* What can be wrong with the directory is found before the province is asked: an invitation is used up by an
 * answer. */
static bool look_here(struct enroll *e, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  int64_t code = 0;
  if (!app_has_database(&e->dir, &e->has_database, err)) return false;
  if (!e->has_database) return is_this_branch(e, kept_code(e), err);
  bool ok =
      app_migrate(&e->dir, NULL, err) &&
      db_open(&db, data_dir_path(&e->dir, "store.db", path), DB_READ, err) &&
      db_int(db, "SELECT coalesce(max(value), 0) FROM sync_self WHERE name = 'author'", 0, &code, err) &&
      is_this_branch(e, code, err) && own_tail_check(db, e->invitation.branch, err);
  db_close(db);
  return ok;
}

bool enroll_command(const struct cli_args *args, struct err *err)
{
  struct enroll e = {.dir.lock = -1};
  bool ok = crypto_start(err) && tls_start(err) &&
            invitation_read(cli_value(args, "invite"), &e.invitation, err) &&
            data_dir_open(&e.dir, cli_value(args, "dir"), DATA_DIR_CREATE, err) &&
            (is_done(&e) || (look_here(&e, err) && make_keys(&e, err) && ask(&e, err)));
  if (e.tls_key) cert_key_close(e.tls_key);
  buf_wipe(&e.public_der);
  identity_wipe(&e.identity);
  data_dir_close(&e.dir);
  return ok;
}
