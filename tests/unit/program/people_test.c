/* The people's port ends while somebody is being answered: what the answer asks is there until it is given.
 */
#include "tests/unit/program/files.h"

#include "core/base/clock.h"
#include "net/front.h"
#include "program/people.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct app app;
static struct people *people;
static sem_t asked;
static uint16_t port;

static int dial(void)
{
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
  close(fd);
  return -1;
}

/* Who cannot connect any more knows that the port was closed. */
static bool closes(void)
{
  for (int i = 0; i < 500; i++, usleep(10000)) {
    int fd = dial();
    if (fd < 0) return true;
    close(fd);
  }
  return false;
}

static struct listener_counts seen;

/* The port is closed under this request, and only then it goes on. */
static void slow(struct web_request *request, void *ctx)
{
  struct web_counts web;
  (void)ctx;
  sem_post(&asked);
  if (closes()) {
    usleep(100 * 1000); /* what goes too early is gone by now */
    people_count(app.people, &web, &seen);
  }
  web_reply_empty(request, 204);
}

static void *close_people(void *arg)
{
  people_close(people);
  return arg;
}

static void the_port_outlives_the_last_request(void **state)
{
  (void)state;
  static const struct web_route routes[] = {{"GET", "/slow", slow, 0, 0, NULL}};
  static const char ask[] = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";
  const struct people_config config = {.loopback_http_port = 0, .routes = routes, .route_count = 1};
  struct err err = ERR_INIT;
  pthread_t closing;
  assert_int_equal(sem_init(&asked, 0, 0), 0);
  assert_true(readers_open(&app.readers, in_folder("store.db"), 1, &err));
  if (!people_open(&people, &config, &app, &err)) fail_msg("%s", err.text);
  port = people_loopback_port(people);
  int fd = dial();
  assert_int_equal(write(fd, ask, sizeof ask - 1), sizeof ask - 1);
  sem_wait(&asked);
  assert_int_equal(pthread_create(&closing, NULL, close_people, NULL), 0);
  pthread_join(closing, NULL);
  /* Of a port that was freed it would have counted nothing, or ended the program. */
  assert_true(seen.accepted > 0);
  close(fd);
  readers_close(app.readers);
  sem_destroy(&asked);
}

int main(void)
{
  const struct CMUnitTest tests[] = {test_in_folder(the_port_outlives_the_last_request)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
