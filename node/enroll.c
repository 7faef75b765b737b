#include "node/enroll.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/domain/account.h"
#include "net/cert.h"
#include "program/app.h"
#include "program/invitation.h"
#include "program/line.h"
#include "program/tails.h"
#include "sync/enrolment.h"
#include "sync/store_keys.h"

#include <stdio.h>
#include <string.h>

enum { DIAL_MS = 15 * 1000 };

struct enroll {
  struct data_dir dir;
  struct invitation invitation;
  struct identity identity;
  struct cert_key *tls_key;
  struct buf public_der; /* of tls_key */
};

static struct moment now(void)
{
  return (struct moment){.mono_ms = clock_mono_ms(), .wall_ms = clock_wall_ms()};
}

/* Keys of an epoch that is over are no earlier try: a former release could leave them under that name. */
static void forget_former(const struct data_dir *dir)
{
  struct identity now = {0}, beside = {0};
  struct err none = ERR_INIT;
  if (identity_read(dir, "keys", &now, &none) && identity_read(dir, "keys.new", &beside, &none) &&
      beside.epoch < now.epoch)
    data_dir_keys_forget(dir);
  identity_wipe(&now);
  identity_wipe(&beside);
}

/* Both keys, of an earlier try or new; the certificate of the people's port is for the same TLS key. */
static bool make_keys(struct enroll *e, struct err *err)
{
  char path[DATA_PATH_MAX];
  forget_former(&e->dir);
  if (!data_dir_keys_begin(&e->dir, err) || !identity_key(&e->dir, "keys.new", e->identity.secret, err))
    return false;
  data_dir_path(&e->dir, "keys.new/tls.key", path);
  bool ok = data_dir_has(&e->dir, "keys.new/tls.key")
                ? cert_key_load(&e->tls_key, path, err)
                : cert_key_make(&e->tls_key, err) && cert_key_save(e->tls_key, path, err);
  ok = ok && cert_key_save(e->tls_key, data_dir_path(&e->dir, "keys.new/people.key", path), err);
  return ok && cert_key_public(e->tls_key, &e->public_der, err);
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
  if (!check_answer(e, answer, err)) return false;
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

/* PROTOCOL 7.8: our own old keys are kept in force here, also those the province has revoked: they prove our
 * history when it gives it back, and it has taken nothing new of them. */
static bool add_keys(struct store *store, const struct enrolled *answer, struct err *err)
{
  for (size_t i = 0; i < answer->keys_count; i++) {
    const struct known_key *known = &answer->keys[i];
    struct key key = {.author = known->author,
                      .epoch = known->epoch,
                      .since_ms = known->since_ms,
                      .revoked_ms = known->author == answer->branch ? 0 : known->revoked_ms};
    memcpy(key.public_key, known->public_key, PUBLIC_SIZE);
    if (!store_key_add(store, &key, err)) return false;
  }
  return true;
}

struct first_account {
  bool first; /* nobody could log in without it */
  struct one_time once;
};

/* On a first enrolment, and when the database with the accounts was lost. */
static bool put_admin(struct tx *tx, void *ctx, struct err *err)
{
  struct first_account *a = ctx;
  struct one_time *once = &a->once;
  int64_t accounts = 0;
  if (!db_int(tx->db, "SELECT count(*) FROM account", 0, &accounts, err)) return false;
  a->first = a->first || accounts == 0;
  if (!a->first) return true;
  struct err exists = ERR_INIT;
  if (account_add(tx, SITE_NODE, "admin", "admin", once->hash, &exists)) return true;
  if (exists.kind != ERR_CONFLICT) {
    if (err) *err = exists;
    return false;
  }
  return account_set_password(tx, "admin", once->hash, true, NULL, err);
}

/* The database under the new identity, and where there is none yet the first account, whose password is said
 * before the keys are put in place: a crash between the two makes another one, never none. */
static bool fill_store(struct enroll *e, const struct enrolled *answer, struct err *err)
{
  struct store *store = NULL;
  struct first_account account = {.first = !data_dir_has(&e->dir, "keys")};
  bool ok = app_migrate(&e->dir, NULL, err) && app_store_open(&store, &e->dir, &e->identity, err) &&
            add_keys(store, answer, err);
  ok = ok && one_time_make(&account.once, err) &&
       store_local(store, clock_wall_ms(), put_admin, &account, err);
  store_close(store);
  if (ok) say("enrolled %u %s epoch %u\n", e->identity.code, e->identity.name, e->identity.epoch);
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
                      .program = SUNLIT_VERSION};
  hex_encode(ask.token, e->invitation.token, sizeof e->invitation.token);
  memcpy(ask.public_key, e->identity.secret + SECRET_SIZE - PUBLIC_SIZE, PUBLIC_SIZE);
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
  ok = ok && state == ENROLMENT_DONE && keep_answer(e, answer, err) && fill_store(e, answer, err);
  enrolment_close(x);
  line_wipe(&line);
  return ok;
}

static bool ask(struct enroll *e, struct err *err)
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

bool enroll_command(const struct cli_args *args, struct err *err)
{
  struct enroll e = {.dir.lock = -1};
  bool ok = crypto_start(err) && tls_start(err) &&
            invitation_read(cli_value(args, "invite"), &e.invitation, err) &&
            data_dir_open(&e.dir, cli_value(args, "dir"), DATA_DIR_CREATE, err) &&
            (is_done(&e) || (make_keys(&e, err) && ask(&e, err)));
  if (e.tls_key) cert_key_close(e.tls_key);
  buf_wipe(&e.public_der);
  identity_wipe(&e.identity);
  data_dir_close(&e.dir);
  return ok;
}
