/* A token goes over TLS or to this machine, and to nothing whose name only begins like it. */
#include "verify/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_token_goes_where_nobody_reads_it_on_the_way)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
