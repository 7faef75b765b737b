/* What the certificate of the province's pages names. */
#include "tests/unit/program/files.h"

#include "core/base/crypto.h"
#include "hub/certificates.h"

#include <ctype.h>

static void names_as_people_write_them_are_in_the_certificate(void **state)
{
  (void)state;
  static struct hub hub;
  struct err err = ERR_INIT;
  struct buf der = BUF_INIT;
  char path[DATA_PATH_MAX], host[256] = "";
  bool moved = false, named = false;
  assert_true(crypto_start(&err));
  snprintf(hub.app.dir.path, sizeof hub.app.dir.path, "%s", folder);
  hub.app.dir.lock = -1;
  hub.app.code = 330000;
  assert_int_equal(mkdir(in_folder("keys.new"), 0700), 0);
  if (!certificates_make(&hub.app.dir, 330000, &err)) fail_msg("%s", err.text);
  snprintf(path, sizeof path, "%s", in_folder("keys"));
  assert_int_equal(rename(in_folder("keys.new"), path), 0);
  assert_true(certificates_open(&hub, NULL, &err));
  /* A long host name, capitals, an address of each kind, one name twice. */
  static const char more[] =
      " Pages.Example, 10.33.0.2 ,fd00:33::2,pages.example,"
      "a-name-that-is-longer-than-sixty-four-characters.of-a-house.with-many-floors.example";
  if (!certificates_keep(&hub, more, &moved, &err)) fail_msg("%s", err.text);
  assert_true(moved);
  assert_true(cert_load(&der, data_dir_path(&hub.app.dir, "keys/people.crt", path), &err));
  static const char *const wanted[] = {
      "pages.example",
      "10.33.0.2",
      "fd00:33::2",
      "localhost",
      "127.0.0.1",
      "::1",
      "hub.sunlit",
      "a-name-that-is-longer-than-sixty-four-characters.of-a-house.with-many-floors.example"};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    assert_true(cert_names(der.data, der.size, wanted[i], &named, &err));
    if (!named) fail_msg("%s is not named", wanted[i]);
  }
  assert_true(cert_names(der.data, der.size, "10.33.0.3", &named, &err));
  assert_false(named);
  assert_int_equal(gethostname(host, sizeof host - 1), 0);
  for (char *c = host; *c; c++)
    *c = (char)tolower((unsigned char)*c);
  assert_true(cert_names(der.data, der.size, host, &named, &err));
  assert_true(named || strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") < strlen(host));
  assert_true(certificates_keep(&hub, more, &moved, &err));
  assert_false(moved);
  assert_false(certificates_keep(&hub, "pages_example", &moved, &err));
  assert_non_null(strstr(err.text, "pages_example"));
  buf_wipe(&der);
  buf_wipe(&hub.authority_der);
  cert_authority_close(hub.authority);
}

int main(void)
{
  const struct CMUnitTest tests[] = {test_in_folder(names_as_people_write_them_are_in_the_certificate)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
