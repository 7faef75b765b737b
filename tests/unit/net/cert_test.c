/* The province's certificates: what each kind says, and that none passes for another. */
#include "province.h"

#include "core/base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct province p;

static int open_province(void **state)
{
  (void)state;
  province_open(&p);
  return 0;
}

static int close_province(void **state)
{
  (void)state;
  province_close(&p);
  return 0;
}

static struct cert_facts facts_of(const char *name)
{
  struct err err = ERR_INIT;
  struct buf der = BUF_INIT;
  struct cert_facts facts = {0};
  if (!cert_load(&der, province_path(&p, name), &err) || !cert_read(&facts, der.data, der.size, &err))
    fail_msg("%s", err.text);
  buf_wipe(&der);
  return facts;
}

static void authority_is_an_authority_and_nothing_else(void **state)
{
  (void)state;
  struct cert_facts facts = facts_of("ca.crt");
  assert_true(facts.is_authority);
  assert_false(facts.for_client || facts.for_server);
  uint8_t fingerprint[CERT_FINGERPRINT_SIZE];
  cert_authority_fingerprint(p.authority, fingerprint);
  assert_memory_equal(fingerprint, facts.fingerprint, sizeof fingerprint);
}

static void each_kind_has_one_usage_and_its_own_name(void **state)
{
  (void)state;
  struct cert_facts node = facts_of("node.crt"), hub = facts_of("hub.crt");
  assert_true(node.for_client && !node.for_server && !node.is_authority);
  assert_int_equal(node.code, 330127);
  assert_string_equal(node.host, "");
  assert_true(hub.for_server && !hub.for_client && !hub.is_authority);
  assert_int_equal(hub.code, 0);
  assert_string_equal(hub.host, "hub.sunlit");
  province_issue(&p, "node-people", CERT_PEOPLE, 330127, 0);
  struct cert_facts people = facts_of("node-people.crt");
  assert_true(people.for_server && !people.for_client);
  assert_string_equal(people.host, "330127.node.sunlit");
}

static void a_dead_clock_finds_sync_certificates_valid(void **state)
{
  (void)state;
  const int64_t start_of_2020_ms = INT64_C(1577836800000);
  const char *const early[] = {"ca.crt", "node.crt", "hub.crt"};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(facts_of(early[i]).not_before_ms, start_of_2020_ms);
}

static void phones_accept_the_length_of_peoples_certificates(void **state)
{
  (void)state;
  const int64_t day_ms = 86400000;
  struct cert_facts people = facts_of("people.crt");
  assert_in_range((people.not_after_ms - people.not_before_ms) / day_ms, 700, 825);
  assert_true(people.not_before_ms < clock_wall_ms());
}

static void serials_differ_and_are_random(void **state)
{
  (void)state;
  struct cert_facts a = facts_of("node.crt"), b = facts_of("other.crt");
  assert_memory_not_equal(a.serial, b.serial, CERT_SERIAL_SIZE);
  assert_true(a.serial[0] >= 0x40 && a.serial[0] < 0x80);
}

static void openssl_reads_what_we_write(void **state)
{
  (void)state;
  char out[8192];
  province_run(out, sizeof out, "openssl x509 -in %s/people.crt -noout -text", p.folder);
  assert_non_null(strstr(out, "DNS:hub.sunlit, DNS:localhost, IP Address:127.0.0.1"));
  assert_non_null(strstr(out, "TLS Web Server Authentication"));
  assert_null(strstr(out, "TLS Web Client Authentication"));
  assert_non_null(strstr(out, "CA:FALSE"));
  assert_int_equal(province_run(out, sizeof out,
                                "openssl verify -x509_strict -purpose sslserver -CAfile %s/ca.crt %s/hub.crt",
                                p.folder, p.folder),
                   0);
  assert_int_equal(
      province_run(out, sizeof out,
                   "openssl verify -x509_strict -purpose sslclient -CAfile %s/ca.crt %s/node.crt", p.folder,
                   p.folder),
      0);
  /* The wrong purpose is refused by OpenSSL's rules too. */
  assert_int_not_equal(province_run(out, sizeof out,
                                    "openssl verify -purpose sslserver -CAfile %s/ca.crt %s/node.crt 2>&1",
                                    p.folder, p.folder),
                       0);
}

static bool issue(enum cert_use use, uint32_t code, const char *const *addresses, size_t n, struct buf *der,
                  struct err *err)
{
  struct cert_key *key;
  struct buf public_key = BUF_INIT;
  if (!cert_key_make(&key, err) || !cert_key_public(key, &public_key, err)) return false;
  bool ok = cert_issue(p.authority,
                       &(struct cert_request){.use = use,
                                              .code = code,
                                              .public_key = public_key.data,
                                              .public_key_size = public_key.size,
                                              .addresses = addresses,
                                              .address_count = n,
                                              .now_ms = clock_wall_ms()},
                       der, err);
  cert_key_close(key);
  buf_wipe(&public_key);
  return ok;
}

static void addresses_of_the_lan_stand_in_peoples_certificates(void **state)
{
  (void)state;
  const char *const addresses[] = {"192.168.5.7", "fd00::7", "kitchen.lan"};
  struct buf der = BUF_INIT;
  struct err err = ERR_INIT;
  assert_true(issue(CERT_PEOPLE, 330127, addresses, 3, &der, &err));
  assert_true(cert_save(province_path(&p, "lan.crt"), der.data, der.size, &err));
  char out[8192];
  province_run(out, sizeof out, "openssl x509 -in %s/lan.crt -noout -ext subjectAltName", p.folder);
  assert_non_null(strstr(out, "IP Address:192.168.5.7, IP Address:FD00:0:0:0:0:0:0:7, DNS:kitchen.lan"));
  buf_wipe(&der);
}

static void reserved_names_are_not_given_on_request(void **state)
{
  (void)state;
  const char *const wanted[] = {"hub.sunlit", "Hub.SUNLIT", "330182.node.sunlit", "a b", "", "x\"y"};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    struct err err = ERR_INIT;
    struct buf der = BUF_INIT;
    assert_false(issue(CERT_PEOPLE, 330127, &wanted[i], 1, &der, &err));
    assert_string_equal(err.rule, i < 3 ? "reserved_name" : "format");
    assert_int_equal(der.size, 0);
    buf_wipe(&der);
  }
}

static void a_branch_is_not_the_hub_and_the_hub_no_branch(void **state)
{
  (void)state;
  struct buf der = BUF_INIT;
  struct err err = ERR_INIT;
  assert_false(issue(CERT_HUB, 330127, NULL, 0, &der, &err));
  err_clear(&err);
  assert_false(issue(CERT_NODE, 330000, NULL, 0, &der, &err));
  err_clear(&err);
  assert_false(issue(CERT_NODE, 33, NULL, 0, &der, &err));
  err_clear(&err);
  assert_false(issue(CERT_AUTHORITY, 330000, NULL, 0, &der, &err));
  buf_wipe(&der);
}

static void what_is_no_p256_key_gets_no_certificate(void **state)
{
  (void)state;
  struct buf der = BUF_INIT;
  struct err err = ERR_INIT;
  struct cert_request request = {.use = CERT_NODE,
                                 .code = 330127,
                                 .public_key = (const uint8_t *)"no key",
                                 .public_key_size = 6,
                                 .now_ms = clock_wall_ms()};
  assert_false(cert_issue(p.authority, &request, &der, &err));
  assert_int_equal(err.kind, ERR_INPUT);
  char rsa[512];
  province_run(rsa, sizeof rsa,
               "openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -outform DER 2>/dev/null");
  request.public_key = (const uint8_t *)rsa;
  request.public_key_size = 294; /* the DER of a public key of 2048 bits */
  err_clear(&err);
  assert_false(cert_issue(p.authority, &request, &der, &err));
  assert_string_equal(err.rule, "curve");
  buf_wipe(&der);
}

static void files_are_for_their_owner_alone(void **state)
{
  (void)state;
  const char *const files[] = {"ca.key", "ca.crt", "hub.key", "hub.crt"};
  for (size_t i = 0; i < 4; i++) {
    struct stat st;
    assert_int_equal(stat(province_path(&p, files[i]), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
  }
}

static void an_authority_is_not_made_twice(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char crt[160], key[160];
  snprintf(crt, sizeof crt, "%s/ca.crt", p.folder);
  snprintf(key, sizeof key, "%s/ca.key", p.folder);
  assert_false(cert_authority_make(crt, key, "Another", &err));
  assert_string_equal(err.rule, "exists");
}

static void names_an_authority_cannot_have_are_refused(void **state)
{
  (void)state;
  const char *const names[] = {"",
                               "a,O=b",
                               "CN=x",
                               "line\nbreak",
                               "\xe7\x9c\x81",
                               "12345678901234567890123456789012345678901234567890123456789012345"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct err err = ERR_INIT;
    assert_false(cert_authority_make("/nowhere/ca.crt", "/nowhere/ca.key", names[i], &err));
    assert_string_equal(err.field, "name");
  }
}

static void an_authority_opens_only_with_its_own_key(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct cert_authority *a;
  char crt[160], key[160];
  snprintf(crt, sizeof crt, "%s/ca.crt", p.folder);
  snprintf(key, sizeof key, "%s/hub.key", p.folder);
  assert_false(cert_authority_open(&a, crt, key, &err));
  assert_int_equal(err.kind, ERR_CORRUPT);
  err_clear(&err);
  snprintf(crt, sizeof crt, "%s/hub.crt", p.folder);
  assert_false(cert_authority_open(&a, crt, key, &err));
  assert_non_null(strstr(err.text, "not an authority"));
}

static void a_certificate_is_by_its_authority_alone_and_within_its_dates(void **state)
{
  (void)state;
  struct province q;
  struct err err = ERR_INIT;
  struct buf node = BUF_INIT, own = BUF_INIT, foreign = BUF_INIT, old = BUF_INIT;
  province_open(&q);
  province_issue(&p, "old", CERT_NODE, 330127, clock_wall_ms() - 1000);
  assert_true(cert_load(&node, province_path(&p, "node.crt"), &err));
  assert_true(cert_load(&old, province_path(&p, "old.crt"), &err));
  assert_true(cert_load(&own, province_path(&p, "ca.crt"), &err));
  assert_true(cert_load(&foreign, province_path(&q, "ca.crt"), &err));
  assert_true(cert_issued_by(node.data, node.size, own.data, own.size, &err));
  assert_false(cert_issued_by(node.data, node.size, foreign.data, foreign.size, &err));
  err_clear(&err);
  assert_false(cert_issued_by(old.data, old.size, own.data, own.size, &err));
  assert_string_equal(err.rule, "expired");
  err_clear(&err);
  node.data[node.size - 1] ^= 1;
  assert_false(cert_issued_by(node.data, node.size, own.data, own.size, &err));
  buf_wipe(&node);
  buf_wipe(&own);
  buf_wipe(&foreign);
  buf_wipe(&old);
  province_close(&q);
}

static void damaged_files_are_named(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct cert_key *key;
  struct buf der = BUF_INIT;
  assert_true(cert_file_write(province_path(&p, "bad.pem"), "-----BEGIN nothing", 18, &err));
  assert_false(cert_key_load(&key, province_path(&p, "bad.pem"), &err));
  assert_non_null(strstr(err.text, "bad.pem"));
  err_clear(&err);
  assert_false(cert_load(&der, province_path(&p, "bad.pem"), &err));
  assert_non_null(strstr(err.text, "bad.pem"));
  err_clear(&err);
  assert_false(cert_load(&der, province_path(&p, "absent.pem"), &err));
  assert_int_equal(err.kind, ERR_MISSING);
  buf_wipe(&der);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(authority_is_an_authority_and_nothing_else),
      cmocka_unit_test(each_kind_has_one_usage_and_its_own_name),
      cmocka_unit_test(a_dead_clock_finds_sync_certificates_valid),
      cmocka_unit_test(phones_accept_the_length_of_peoples_certificates),
      cmocka_unit_test(serials_differ_and_are_random),
      cmocka_unit_test(openssl_reads_what_we_write),
      cmocka_unit_test(addresses_of_the_lan_stand_in_peoples_certificates),
      cmocka_unit_test(reserved_names_are_not_given_on_request),
      cmocka_unit_test(a_branch_is_not_the_hub_and_the_hub_no_branch),
      cmocka_unit_test(what_is_no_p256_key_gets_no_certificate),
      cmocka_unit_test(files_are_for_their_owner_alone),
      cmocka_unit_test(an_authority_is_not_made_twice),
      cmocka_unit_test(names_an_authority_cannot_have_are_refused),
      cmocka_unit_test(an_authority_opens_only_with_its_own_key),
      cmocka_unit_test(a_certificate_is_by_its_authority_alone_and_within_its_dates),
      cmocka_unit_test(damaged_files_are_named),
  };
  return cmocka_run_group_tests(tests, open_province, close_province);
}
