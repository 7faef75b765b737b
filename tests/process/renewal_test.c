/* renewal_test.c - a node whose pages' certificate is about to end, with the real programs.
 *
 * The short certificate is issued here, with the province's own authority; everything after is the programs'.
 */
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/db.h"
#include "net/cert_authority.h"
#include "net/link.h"
#include "net/tls.h"
#include "tests/process/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRANCH = 330127, SHORT_MS = 4000, NOTICE_MS = 10000, DIAL_MS = 5000 };

static struct rig rig;
static struct program hub, node;

static void must(bool ok, const struct err *err)
{
  if (!ok) rig_fail("%s", err->text);
}

static int64_t number(const char *sql)
{
  char path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = -1;
  must(db_open(&db, rig_path(&rig, "hub/store.db", path), DB_READ, &err) && db_int(db, sql, 0, &n, &err),
       &err);
  db_close(db);
  return n;
}

static void wait_for(const char *what, const char *sql, int64_t wanted)
{
  for (int64_t begun = rig_now_us(); number(sql) != wanted; rig_sleep_ms(20))
    if (rig_now_us() - begun > NOTICE_MS * 1000LL) rig_fail("%s: not after %d ms", what, NOTICE_MS);
}

static struct cert_facts facts_of(const char *name)
{
  char path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct buf der = BUF_INIT;
  struct cert_facts facts = {0};
  must(cert_load(&der, rig_path(&rig, name, path), &err) && cert_read(&facts, der.data, der.size, &err),
       &err);
  buf_wipe(&der);
  return facts;
}

/* The node's pages get a certificate that ends in a moment, for the key they have. */
static void shorten(void)
{
  char path[RIG_PATH_MAX], other[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct cert_authority *authority = NULL;
  struct cert_key *key = NULL;
  struct buf public_key = BUF_INIT, der = BUF_INIT;
  must(cert_authority_open(&authority, rig_path(&rig, "hub/keys/ca.crt", path),
                           rig_path(&rig, "hub/keys/ca.key", other), &err) &&
           cert_key_load(&key, rig_path(&rig, "node/keys/tls.key", path), &err) &&
           cert_key_public(key, &public_key, &err),
       &err);
  const struct cert_request request = {.use = CERT_PEOPLE,
                                       .code = BRANCH,
                                       .public_key = public_key.data,
                                       .public_key_size = public_key.size,
                                       .now_ms = clock_wall_ms(),
                                       .not_after_ms = clock_wall_ms() + SHORT_MS};
  must(cert_issue(authority, &request, &der, &err) &&
           cert_save(rig_path(&rig, "node/keys/people.crt", path), der.data, der.size, &err),
       &err);
  cert_authority_close(authority);
  cert_key_close(key);
  buf_wipe(&public_key);
  buf_wipe(&der);
}

/* As a phone does: trusts the province's authority alone, and looks at the dates. */
static bool the_pages_certificate_is_good(void)
{
  char certificate[RIG_PATH_MAX], key[RIG_PATH_MAX], authority[RIG_PATH_MAX], address[32];
  struct err err = ERR_INIT;
  struct tls *tls = NULL;
  struct link *link = NULL;
  const struct tls_config config = {.use = TLS_SYNC_CLIENT,
                                    .certificate_path = rig_path(&rig, "node/keys/tls.crt", certificate),
                                    .key_path = rig_path(&rig, "node/keys/tls.key", key),
                                    .authority_path = rig_path(&rig, "node/keys/ca.crt", authority),
                                    .host = "330127.node.sunlit"};
  must(tls_open(&tls, &config, &err), &err);
  snprintf(address, sizeof address, "127.0.0.1:%d", node.https_port);
  bool good = link_dial(&link, tls, address, clock_mono_ms() + DIAL_MS, &err);
  link_close(link);
  tls_close(tls);
  return good;
}

static void a_running_node_gets_new_certificates_and_uses_them(void)
{
  struct cert_facts before = facts_of("node/keys/tls.crt");
  shorten();
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_for("the old certificate ends once the new one is used",
           "SELECT count(*) FROM certificate WHERE revoked_ms > 0 AND reason = 'renewed'", 1);
  struct cert_facts line = facts_of("node/keys/tls.crt"), pages = facts_of("node/keys/people.crt");
  if (memcmp(before.serial, line.serial, sizeof line.serial) == 0)
    rig_fail("the line's certificate is the old one");
  if (pages.not_after_ms < clock_wall_ms() + INT64_C(700) * 24 * 3600 * 1000)
    rig_fail("the pages' certificate is the old one");
  rig_sleep_ms(SHORT_MS + 1000);
  if (!the_pages_certificate_is_good()) rig_fail("the pages show a certificate that has ended");
  if (number("SELECT count(*) FROM certificate WHERE revoked_ms = 0") != 1)
    rig_fail("not exactly one certificate is good");
}

/* As after a crash between the two files: one is new, one is old. */
static void a_half_done_renewal_is_done_again(void)
{
  rig_kill(&node);
  shorten();
  rig_sleep_ms(SHORT_MS + 500);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_for("renewed again", "SELECT count(*) FROM certificate WHERE reason = 'renewed'", 2);
  for (int64_t begun = rig_now_us(); !the_pages_certificate_is_good(); rig_sleep_ms(100))
    if (rig_now_us() - begun > NOTICE_MS * 1000LL) rig_fail("the pages' certificate has ended");
}

static void an_auditor_sees_both(void)
{
  wait_for("two events", "SELECT count(*) FROM security_event WHERE detail = 'certificate_renewed'", 2);
  if (number(
          "SELECT count(*) FROM security_event WHERE detail <> 'certificate_renewed' AND kind <> 'enrol'") !=
      0)
    rig_fail("something else happened on the way");
  if (number("SELECT count(*) FROM security_event WHERE kind = 'enrol' AND detail LIKE '330127 epoch 1 "
             "renewed %'") != 2)
    rig_fail("the log does not name both certificates");
}

int main(void)
{
  struct err err = ERR_INIT;
  setvbuf(stdout, NULL, _IOLBF, 0);
  must(crypto_start(&err) && tls_start(&err), &err);
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  a_running_node_gets_new_certificates_and_uses_them();
  a_half_done_renewal_is_done_again();
  an_auditor_sees_both();
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  rig_close(&rig);
  printf("a node's certificates were renewed over its line, without a restart\n");
  return 0;
}
