/* A peer that comes before the port's opener has gone on: the machine is busy, and a hub that comes back is
 * dialled by everybody. */
#include "net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct listener *port;
static sem_t served;
static bool known, opening;
static struct sockaddr_in address = {.sin_family = AF_INET};

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *ctx);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *ctx);

static int dial(void)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
  return fd;
}

/* The first thread that is made while the port opens is the port's: whoever made it is not let on before a
 * peer has come and was served. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *ctx)
{
  int failed = __real_pthread_create(thread, attr, run, ctx);
  if (!failed && opening) {
    opening = false;
    int fd = dial();
    sem_wait(&served);
    close(fd);
  }
  return failed;
}

static void serve(struct link *link, void *ctx)
{
  (void)link;
  (void)ctx;
  known = port && !listener_stopping(port);
  sem_post(&served);
}

static void choose_port(void)
{
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  close(fd);
}

static void whoever_is_served_may_ask_for_the_port(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char listen[32];
  choose_port();
  snprintf(listen, sizeof listen, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
  sem_init(&served, 0, 0);
  opening = true;
  assert_true(listener_open(&port, &(struct listener_config){.listen = listen, .serve = serve}, &err));
  assert_true(known);
  listener_close(port);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(whoever_is_served_may_ask_for_the_port)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
