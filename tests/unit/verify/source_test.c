/* A token goes over TLS or to this machine, and to nothing whose name only begins like it. */
#include "verify/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_token_goes_where_nobody_reads_it_on_the_way(void **state)
{
  (void)state;
  static const char *const yes[] = {"https://hub.example/log/", "http://localhost:8080/log",
                                    "http://127.0.0.1/log", "http://localhost"};
  static const char *const no[] = {"http://hub.example/log",
                                   "http://127.0.0.1.example/log",
                                   "http://127.example:80/",
                                   "http://localhost.example/",
                                   "http://127.0.0.1@hub.example/",
                                   "http://localhost:80@hub.example/",
                                   "http://10.127.0.1/",
                                   "http://"};
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    if (!source_may_carry(yes[i])) fail_msg("%s", yes[i]);
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    if (source_may_carry(no[i])) fail_msg("%s", no[i]);
}

/* Nobody writes into it: reading would wait for ever. */
static void a_pipe_in_a_folder_is_no_member(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf out = BUF_INIT;
  char folder[] = "/tmp/sunlit-source-XXXXXX", path[sizeof folder + 12];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/leaf.bin", folder);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_false(source_read(folder, "leaf.bin", 100, &out, &err));
  assert_non_null(strstr(err.text, "is no file"));
  buf_wipe(&out);
  unlink(path);
  rmdir(folder);
}

/* The child that was to be curl is gone before it was told the token, or not: once in a few times each. */
static void without_curl_it_says_so(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf out = BUF_INIT;
  char path[] = "/tmp/sunlit-token-XXXXXX";
  int file = mkstemp(path);
  assert_int_equal(write(file, "a-token\n", 8), 8);
  close(file);
  assert_true(source_token(path, &err));
  unlink(path);
  assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
  for (int i = 0; i < 20; i++) {
    err_clear(&err);
    assert_false(source_read("http://127.0.0.1:1/log", "checkpoint", 100, &out, &err));
    assert_string_equal(err.text, "curl is not installed: fetch the log's folder and give its path");
  }
  buf_wipe(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_token_goes_where_nobody_reads_it_on_the_way),
                                     cmocka_unit_test(a_pipe_in_a_folder_is_no_member),
                                     cmocka_unit_test(without_curl_it_says_so)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
