#include "node/renewal.h"

#include "core/base/crypto.h"
#include "net/cert.h"

#include <stdio.h>
#include <string.h>

enum { ASK_AGAIN_MS = 60 * 60 * 1000 };

#define MADE_FOR "keys/people.address"

static bool load(const struct data_dir *dir, const char *name, struct buf *der, struct cert_facts *facts,
                 struct err *err)
{
  char path[DATA_PATH_MAX];
  buf_clear(der);
  return cert_load(der, data_dir_path(dir, name, path), err) && cert_read(facts, der->data, der->size, err);
}

static bool read_dates(struct renewal *renewal, struct err *err)
{
  static const char *const names[] = {"keys/tls.crt", "keys/people.crt"};
  struct buf der = BUF_INIT;
  bool ok = true;
  renewal->until_ms = renewal->due_ms = INT64_MAX;
  renewal->from_ms = 0;
  for (int i = 0; ok && i < 2; i++) {
    struct cert_facts facts;
    ok = load(renewal->dir, names[i], &der, &facts, err);
    if (!ok) break;
    int64_t due_ms = facts.not_after_ms - (facts.not_after_ms - facts.not_before_ms) / 3;
    if (facts.not_before_ms > renewal->from_ms) renewal->from_ms = facts.not_before_ms;
    if (facts.not_after_ms < renewal->until_ms) renewal->until_ms = facts.not_after_ms;
    if (due_ms < renewal->due_ms) renewal->due_ms = due_ms;
  }
  buf_wipe(&der);
  return ok;
}

bool renewal_open(struct renewal *renewal, const struct data_dir *dir, uint32_t branch, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct cert_key *key = NULL;
  *renewal = (struct renewal){.dir = dir, .branch = branch};
  bool ok = cert_key_load(&key, data_dir_path(dir, "keys/tls.key", path), err) &&
            cert_key_public(key, &renewal->public_key, err) && read_dates(renewal, err);
  if (key) cert_key_close(key);
  return ok;
}

void renewal_wipe(struct renewal *renewal)
{
  buf_wipe(&renewal->public_key);
}

bool renewal_at(struct renewal *renewal, const char *address, struct err *err)
{
  struct buf der = BUF_INIT, made_for = BUF_INIT;
  struct cert_facts facts;
  bool named = false;
  snprintf(renewal->address, sizeof renewal->address, "%s", address);
  bool ok = load(renewal->dir, "keys/people.crt", &der, &facts, err) &&
            cert_names(der.data, der.size, address, &named, err);
  bool asked = ok && !named && data_dir_has(renewal->dir, MADE_FOR) &&
               data_dir_read(renewal->dir, MADE_FOR, sizeof renewal->address, &made_for, NULL) &&
               made_for.size == strlen(address) && memcmp(made_for.data, address, made_for.size) == 0;
  renewal->moved = ok && !named && !asked;
  buf_wipe(&der);
  buf_wipe(&made_for);
  return ok;
}

bool renewal_due(const struct renewal *renewal, struct moment now)
{
  return (now.wall_ms >= renewal->due_ms || now.wall_ms < renewal->from_ms || renewal->moved) &&
         (renewal->asked_ms == 0 || now.mono_ms - renewal->asked_ms >= ASK_AGAIN_MS);
}

/* A certificate that does not fit would cut this branch off until somebody enrols it again. */
static bool check(const struct renewal *renewal, const struct buf *authority, struct span der, bool for_line,
                  struct err *err)
{
  struct cert_facts facts;
  uint8_t key[HASH_SIZE];
  char host[CERT_HOST_MAX];
  if (!cert_issued_by(der.p, der.size, authority->data, authority->size, err) ||
      !cert_read(&facts, der.p, der.size, err))
    return false;
  sha256(key, renewal->public_key.data, renewal->public_key.size);
  cert_host(host, renewal->branch);
  bool named = for_line ? facts.for_client && facts.code == renewal->branch
                        : facts.for_server && strcmp(facts.host, host) == 0;
  if (named && memcmp(key, facts.key_sha256, sizeof key) == 0) return true;
  return err_rule(err, ERR_DENIED, "certificate", "other_certificate",
                  "the province gave a certificate that is not for this branch's %s",
                  for_line ? "line" : "pages");
}

static bool save(const struct data_dir *dir, const char *name, struct span der, struct err *err)
{
  char path[DATA_PATH_MAX];
  return cert_save(data_dir_path(dir, name, path), der.p, der.size, err);
}

bool renewal_place(struct renewal *renewal, const struct renewed *answer, struct err *err)
{
  struct buf authority = BUF_INIT;
  struct cert_facts facts;
  bool ok = load(renewal->dir, "keys/ca.crt", &authority, &facts, err) &&
            check(renewal, &authority, answer->certificate, true, err) &&
            check(renewal, &authority, answer->people, false, err);
  buf_wipe(&authority);
  ok = ok && save(renewal->dir, "keys/people.crt", answer->people, err) &&
       save(renewal->dir, "keys/tls.crt", answer->certificate, err) && read_dates(renewal, err) &&
       data_dir_write(renewal->dir, MADE_FOR, renewal->address, strlen(renewal->address), err);
  if (ok) renewal->moved = false;
  return ok;
}
