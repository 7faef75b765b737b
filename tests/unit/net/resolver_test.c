/* A resolver that does not answer holds nobody: not longer than the dial was given. */
#include "net/address.h"

#include "core/base/clock.h"

#include <netdb.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_S = 20 };

static sem_t answer, answered;
static bool gave_up;

int __real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **out);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **out);

/* Names are answered when the test says so; its patience is for a dial that waits for that. */
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **out)
{
  struct timespec until;
  if (hints->ai_flags & AI_NUMERICHOST) return __real_getaddrinfo(host, port, hints, out);
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += PATIENCE_S;
  if (sem_timedwait(&answer, &until) != 0) gave_up = true;
  int code =
      strcmp(host, "nobody.example") == 0 ? EAI_NONAME : __real_getaddrinfo("127.0.0.1", port, hints, out);
  sem_post(&answered);
  return code;
}

static void a_dial_ends_though_its_name_is_not_answered(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int fd = -1;
  assert_false(address_dial("hub.example:7443", clock_mono_ms() + 50, &fd, &err));
  assert_string_equal(err.rule, "dns");
  assert_false(gave_up);
  sem_post(&answer); /* to a thread that nobody waits for */
  sem_wait(&answered);
  assert_false(gave_up);
}

static void a_name_that_is_answered_is_dialled(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int port_fd = -1, fd = -1;
  uint16_t port = 0;
  char text[32];
  assert_true(address_listen("127.0.0.1:0", true, &port_fd, &port, &err));
  snprintf(text, sizeof text, "hub.example:%u", (unsigned)port);
  sem_post(&answer);
  assert_true(address_dial(text, clock_mono_ms() + PATIENCE_S * 1000, &fd, &err));
  close(fd);
  close(port_fd);
  sem_post(&answer);
  assert_false(address_dial("nobody.example:1", clock_mono_ms() + PATIENCE_S * 1000, &fd, &err));
  assert_string_equal(err.rule, "dns");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_dial_ends_though_its_name_is_not_answered),
                                     cmocka_unit_test(a_name_that_is_answered_is_dialled)};
  sem_init(&answer, 0, 0);
  sem_init(&answered, 0, 0);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
