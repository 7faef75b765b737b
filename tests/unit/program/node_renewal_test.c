/* When a node asks for new certificates: its machine has another address than its pages' certificate names.
 */
#include "files.h"

#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "net/cert_authority.h"
#include "node/renewal.h"

enum { BRANCH = 330127 };

static struct data_dir dir;
static struct cert_authority *authority;

static struct buf issue(enum cert_use use, const struct buf *key, const char *address)
{
  struct err err = ERR_INIT;
  struct buf der = BUF_INIT;
  const struct cert_request request = {.use = use,
                                       .code = BRANCH,
                                       .public_key = key->data,
                                       .public_key_size = key->size,
                                       .addresses = &address,
                                       .address_count = use == CERT_PEOPLE,
                                       .now_ms = clock_wall_ms()};
  if (!cert_issue(authority, &request, &der, &err)) fail_msg("%s", err.text);
  return der;
}

static void keep(const char *name, const struct buf *der)
{
  char path[DATA_PATH_MAX];
  assert_true(cert_save(data_dir_path(&dir, name, path), der->data, der->size, NULL));
}

/* Keys and certificates of a branch that the province has seen at that address. */
static void enrolled_at(struct renewal *renewal, const char *address)
{
  char certificate[DATA_PATH_MAX], path[DATA_PATH_MAX];
  struct err err = ERR_INIT;
  struct cert_key *key = NULL;
  struct buf public_key = BUF_INIT;
  dir = (struct data_dir){.lock = -1};
  snprintf(dir.path, sizeof dir.path, "%s", folder);
  assert_int_equal(mkdir(in_folder("keys"), 0700), 0);
  assert_true(crypto_start(&err));
  data_dir_path(&dir, "keys/ca.crt", certificate);
  data_dir_path(&dir, "keys/ca.key", path);
  assert_true(cert_authority_make(certificate, path, "Sunlit 330000", &err) &&
              cert_authority_open(&authority, certificate, path, &err) && cert_key_make(&key, &err) &&
              cert_key_save(key, data_dir_path(&dir, "keys/tls.key", path), &err) &&
              cert_key_public(key, &public_key, &err));
  struct buf line = issue(CERT_NODE, &public_key, address), pages = issue(CERT_PEOPLE, &public_key, address);
  keep("keys/tls.crt", &line);
  keep("keys/people.crt", &pages);
  buf_wipe(&line);
  buf_wipe(&pages);
  buf_wipe(&public_key);
  cert_key_close(key);
  assert_true(renewal_open(renewal, &dir, BRANCH, &err));
}

static void leave(struct renewal *renewal)
{
  renewal_wipe(renewal);
  cert_authority_close(authority);
}

static void given(struct renewal *renewal, const char *address)
{
  struct err err = ERR_INIT;
  struct buf line = issue(CERT_NODE, &renewal->public_key, address),
             pages = issue(CERT_PEOPLE, &renewal->public_key, address);
  const struct renewed answer = {{line.data, line.size}, {pages.data, pages.size}};
  if (!renewal_place(renewal, &answer, &err)) fail_msg("%s", err.text);
  buf_wipe(&line);
  buf_wipe(&pages);
}

static struct moment now(void)
{
  return (struct moment){.wall_ms = clock_wall_ms(), .mono_ms = 1000000000};
}

static void a_machine_that_moved_asks_until_its_new_address_is_named(void **state)
{
  (void)state;
  struct renewal renewal;
  struct err err = ERR_INIT;
  enrolled_at(&renewal, "10.33.1.7");
  assert_true(renewal_at(&renewal, "10.33.1.7", &err));
  assert_false(renewal_due(&renewal, now()));
  static const char *const fresh[] = {"10.33.1.99", "fd00:33::99"};
  for (int i = 0; i < 2; i++) {
    assert_true(renewal_at(&renewal, fresh[i], &err));
    assert_true(renewal_due(&renewal, now()));
    given(&renewal, fresh[i]);
    assert_false(renewal_due(&renewal, now()));
    assert_true(renewal_at(&renewal, fresh[i], &err));
    assert_false(renewal_due(&renewal, now()));
  }
  leave(&renewal);
}

/* They were made while a clock was ahead: nobody would take them for years. */
static void certificates_of_a_day_that_has_not_come_are_asked_for_again(void **state)
{
  (void)state;
  struct renewal renewal;
  struct moment then = now();
  enrolled_at(&renewal, "10.33.1.7");
  then.wall_ms -= 3 * 86400000LL; /* as seen when the clock is right again */
  assert_true(renewal_due(&renewal, then));
  leave(&renewal);
}

/* The province sees the translator's address, whatever ours is. */
static void behind_a_translator_each_address_is_asked_for_once(void **state)
{
  (void)state;
  struct renewal renewal;
  struct err err = ERR_INIT;
  enrolled_at(&renewal, "203.0.113.9");
  assert_true(renewal_at(&renewal, "192.168.1.5", &err));
  assert_true(renewal_due(&renewal, now()));
  given(&renewal, "203.0.113.9");
  assert_true(renewal_at(&renewal, "192.168.1.5", &err));
  assert_false(renewal_due(&renewal, now()));
  renewal_wipe(&renewal);
  assert_true(renewal_open(&renewal, &dir, BRANCH, &err)); /* also after a restart */
  assert_true(renewal_at(&renewal, "192.168.1.5", &err));
  assert_false(renewal_due(&renewal, now()));
  leave(&renewal);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      test_in_folder(a_machine_that_moved_asks_until_its_new_address_is_named),
      test_in_folder(certificates_of_a_day_that_has_not_come_are_asked_for_again),
      test_in_folder(behind_a_translator_each_address_is_asked_for_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
