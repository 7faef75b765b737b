/* The certificate of the province's pages: what it names, and when another is made. */
#include "tests/unit/program/files.h"

#include "core/base/crypto.h"
#include "hub/certificates.h"

#include <ctype.h>
#include <sys/resource.h>

static struct hub hub;

static int set_up(void **state)
{
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  if (folder_make(state) != 0) return -1;
  hub = (struct hub){.authority = NULL};
  assert_true(crypto_start(&err));
  snprintf(hub.app.dir.path, sizeof hub.app.dir.path, "%s", folder);
  hub.app.dir.lock = -1;
  hub.app.code = 330000;
  assert_int_equal(mkdir(in_folder("keys.new"), 0700), 0);
  if (!certificates_make(&hub.app.dir, 330000, &err)) fail_msg("%s", err.text);
  snprintf(path, sizeof path, "%s", in_folder("keys"));
  assert_int_equal(rename(in_folder("keys.new"), path), 0);
  assert_true(certificates_open(&hub, NULL, &err));
  return 0;
}

static int tear_down(void **state)
{
  buf_wipe(&hub.authority_der);
  cert_authority_close(hub.authority);
  return folder_remove(state);
}

static void names_as_people_write_them_are_in_the_certificate(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf der = BUF_INIT;
  char path[DATA_PATH_MAX], host[256] = "";
  bool moved = false, named = false;
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
}

static void a_key_that_is_none_is_replaced(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf key = BUF_INIT;
  bool moved = false;
  assert_true(data_dir_write(&hub.app.dir, "keys/people.key", "cut off", 7, &err));
  if (!certificates_keep(&hub, NULL, &moved, &err)) fail_msg("%s", err.text);
  assert_true(moved);
  assert_true(data_dir_read(&hub.app.dir, "keys/people.key", 4096, &key, &err));
  assert_non_null(strstr((const char *)key.data, "PRIVATE KEY"));
  assert_true(certificates_keep(&hub, NULL, &moved, &err));
  assert_false(moved);
  buf_wipe(&key);
}

/* So that people who trust its certificate are not asked again, when the machine is itself again. */
static void a_key_that_cannot_be_read_now_stays(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rlimit files, none;
  struct stat before, after;
  bool moved = false;
  assert_int_equal(stat(in_folder("keys/people.key"), &before), 0);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
  none = files;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  bool kept = certificates_keep(&hub, NULL, &moved, &err);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
  assert_false(kept);
  assert_int_equal(err.kind, ERR_IO);
  err_clear(&err);
  assert_true(certificates_keep(&hub, NULL, &moved, &err));
  assert_false(moved);
  assert_int_equal(stat(in_folder("keys/people.key"), &after), 0);
  assert_int_equal(before.st_ino, after.st_ino);
}

#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      test(names_as_people_write_them_are_in_the_certificate),
      test(a_key_that_is_none_is_replaced),
      test(a_key_that_cannot_be_read_now_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
