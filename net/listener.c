#include "net/listener.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "net/address.h"
#include "net/admission.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  PEERS_MAX = 4096,
  DESCRIPTORS_PER_CONNECTION = 3, /* its socket, its wake, and the front's way to CivetWeb */
  DESCRIPTORS_SPARE = 512,
  ACCEPT_PAUSE_MS = 100, /* when descriptors have run out */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  STACK_FACTOR = 16, /* sanitizers make frames fat */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  STACK_FACTOR = 16,
#else
  STACK_FACTOR = 1,
#endif
#else
  STACK_FACTOR = 1,
#endif
};

/* A socket without a thread: until its first byte comes, and then until there is a place for it. */
struct waiting {
  int fd;
  uint64_t peer;
  int64_t accepted_ms;
  int64_t ready_ms; /* when its first byte was seen; 0: silent so far */
  bool garbage;     /* it ended, or its first byte begins no TLS */
  bool refused;     /* not admitted: it is only told so */
};

struct connection {
  struct listener *listener;
  struct connection *next, *previous;
  struct link *link;
  struct tls *tls;
  uint64_t peer;
  uint32_t code; /* of the branch; 0 until and unless it has proved who it is */
  int64_t began_ms;
  bool shaking, giving; /* giving: its handshake was cut, for another */
};

struct listener {
  struct listener_config config;
  struct tls *tls; /* guarded by lock */
  int fd, wake;
  uint16_t port;
  pthread_t thread;
  pthread_mutex_t lock; /* guards everything below, and the list's links */
  pthread_cond_t fewer; /* a connection ended */
  struct admission *admission;
  struct connection *connections;
  int live, shaking;
  int giving; /* of the live: those on their way out for another */
  struct listener_counts counts;
  atomic_bool stopping;
  /* Of the port's thread alone. */
  struct waiting *waiting;
  struct pollfd *polls;
  int waiting_count;
};

/* -- One connection's thread. -- */

static void unlink_connection(struct listener *l, struct connection *c)
{
  if (c->previous)
    c->previous->next = c->next;
  else
    l->connections = c->next;
  if (c->next) c->next->previous = c->previous;
}

static void wake_port(struct listener *l)
{
  const uint64_t one = 1;
  (void)!write(l->wake, &one, sizeof one);
}

/* The last thing a connection does: it gives its place back.  Nothing of the listener is touched after the
 * lock. */
static void leave(struct connection *c)
{
  struct listener *l = c->listener;
  pthread_mutex_lock(&l->lock);
  unlink_connection(l, c);
  admission_leave(l->admission, c->peer, true);
  bool gave = c->giving;
  pthread_mutex_unlock(&l->lock);
  link_close(c->link); /* nobody can find it any more, so nobody wakes or cuts it */
  tls_close(c->tls);
  free(c);
  pthread_mutex_lock(&l->lock);
  l->live--;
  l->giving -= gave;
  wake_port(l); /* somebody may have waited for the place */
  pthread_cond_broadcast(&l->fewer);
  pthread_mutex_unlock(&l->lock);
}

static void shaken(struct connection *c, bool ok, uint32_t code)
{
  struct listener *l = c->listener;
  pthread_mutex_lock(&l->lock);
  c->code = code;
  c->shaking = false;
  l->shaking--;
  admission_end(l->admission, c->peer);
  if (code) admission_prove(l->admission, c->peer);
  if (!ok) l->counts.handshake_failed++;
  wake_port(l);
  pthread_mutex_unlock(&l->lock);
}

static void *run_connection(void *arg)
{
  struct connection *c = arg;
  struct listener *l = c->listener;
  struct err err = ERR_INIT;
  struct tls_peer who = {0};
  bool ok = link_handshake(c->link, clock_mono_ms() + l->config.handshake_ms, &err);
  bool known = ok && link_branch(c->link, &who, NULL);
  shaken(c, ok, known ? who.code : 0);
  if (ok) l->config.serve(c->link, l->config.ctx);
  leave(c);
  return NULL;
}

/* Called without the lock.  The socket is taken. */
static void start_connection(struct listener *l, const struct waiting *w)
{
  struct connection *c = calloc(1, sizeof *c);
  struct err err = ERR_INIT;
  pthread_mutex_lock(&l->lock);
  struct tls *tls = l->tls ? tls_share(l->tls) : NULL;
  pthread_mutex_unlock(&l->lock);
  bool ok = c != NULL;
  if (!ok) close(w->fd);
  ok = ok && link_open(&c->link, tls, w->fd, &err);
  pthread_mutex_lock(&l->lock);
  if (ok) {
    *c = (struct connection){.listener = l,
                             .link = c->link,
                             .tls = tls,
                             .peer = w->peer,
                             .began_ms = clock_mono_ms(),
                             .shaking = true,
                             .next = l->connections};
    if (c->next) c->next->previous = c;
    l->connections = c;
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, l->config.stack_size);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    ok = pthread_create(&thread, &attr, run_connection, c) == 0;
    pthread_attr_destroy(&attr);
    if (!ok) {
      unlink_connection(l, c);
      link_close(c->link);
    }
  }
  if (!ok) {
    l->counts.refused_full++;
    l->live--;
    l->shaking--;
    admission_end(l->admission, w->peer);
    admission_leave(l->admission, w->peer, true);
    free(c);
  }
  pthread_mutex_unlock(&l->lock);
  if (!ok) tls_close(tls);
}

/* -- The port's thread. -- */

/* Without a goodbye: a reset leaves no half-closed socket here. */
static void drop(int fd)
{
  const struct linger now = {.l_onoff = 1};
  (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

/* Called with the lock; the socket of slot i is gone or somebody else's now. */
static void forget_waiting(struct listener *l, int i)
{
  /* Order is kept: who came first is served first. */
  memmove(&l->waiting[i], &l->waiting[i + 1], (size_t)(l->waiting_count - i - 1) * sizeof *l->waiting);
  l->waiting_count--;
  l->counts.waiting = (uint64_t)l->waiting_count;
}

static void drop_waiting(struct listener *l, int i, uint64_t *counter)
{
  drop(l->waiting[i].fd);
  pthread_mutex_lock(&l->lock);
  (*counter)++;
  if (!l->waiting[i].refused) admission_leave(l->admission, l->waiting[i].peer, false);
  forget_waiting(l, i);
  pthread_mutex_unlock(&l->lock);
}

static int waiting_of(const struct listener *l, uint64_t peer)
{
  int count = 0;
  for (int i = 0; i < l->waiting_count; i++)
    count += l->waiting[i].peer == peer;
  return count;
}

static bool proved(struct listener *l, uint64_t peer)
{
  pthread_mutex_lock(&l->lock);
  bool yes = admission_proved(l->admission, peer);
  pthread_mutex_unlock(&l->lock);
  return yes;
}

/* The last that came of the peer that has the most here, when that is more than the newcomer would have, or
 * as many and the newcomer's has proved who it is; -1. */
static int last_of_the_most(struct listener *l, uint64_t newcomer)
{
  int most = waiting_of(l, newcomer) + !proved(l, newcomer), last = -1;
  for (int i = l->waiting_count - 1; i >= 0; i--) {
    int count = waiting_of(l, l->waiting[i].peer);
    if (count <= most) continue;
    most = count;
    last = i;
  }
  return last;
}

/* The oldest silent one makes room, else who has the most here: under a flood those that speak come through,
 * and nobody who has filled the room keeps others out of it. */
static bool make_room(struct listener *l, uint64_t newcomer)
{
  if (l->waiting_count < l->config.waiting_max) return true;
  for (int i = 0; i < l->waiting_count; i++) {
    if (l->waiting[i].ready_ms) continue;
    drop_waiting(l, i, &l->counts.silent);
    return true;
  }
  int last = last_of_the_most(l, newcomer);
  if (last >= 0) drop_waiting(l, last, &l->counts.refused_peer);
  return last >= 0;
}

static uint64_t *counter_of(struct listener *l, enum admission_answer answer)
{
  if (answer == ADMISSION_RATE) return &l->counts.refused_rate;
  if (answer == ADMISSION_PEER) return &l->counts.refused_peer;
  return &l->counts.refused_full;
}

static void keep_waiting(struct listener *l, const struct waiting *w)
{
  l->waiting[l->waiting_count++] = *w;
  l->counts.waiting = (uint64_t)l->waiting_count;
}

/* Told at its first byte: a request that is unread when its socket closes would take the answer with it. */
static void tell_refused(struct listener *l, int i)
{
  char unread[4096];
  int fd = l->waiting[i].fd;
  for (int k = 0; k < 4 && recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0; k++) {
  }
  (void)!send(fd, l->config.refusal, strlen(l->config.refusal), MSG_DONTWAIT | MSG_NOSIGNAL);
  close(fd);
  pthread_mutex_lock(&l->lock);
  forget_waiting(l, i);
  pthread_mutex_unlock(&l->lock);
}

static void admit(struct listener *l, int fd, const struct sockaddr_storage *from)
{
  uint64_t peer = address_key(from);
  int64_t now_ms = clock_mono_ms();
  bool room = make_room(l, peer);
  pthread_mutex_lock(&l->lock);
  l->counts.accepted++;
  enum admission_answer answer = room ? admission_enter(l->admission, peer, now_ms) : ADMISSION_FULL;
  bool refused = answer != ADMISSION_YES;
  bool stays = !refused || (l->config.refusal && room && l->waiting_count < l->config.waiting_max / 2);
  if (refused) (*counter_of(l, answer))++;
  if (stays)
    keep_waiting(l, &(struct waiting){.fd = fd, .peer = peer, .accepted_ms = now_ms, .refused = refused});
  pthread_mutex_unlock(&l->lock);
  if (stays)
    address_tune(fd);
  else
    drop(fd);
}

static void accept_all(struct listener *l)
{
  for (;;) {
    struct sockaddr_storage from = {0};
    socklen_t n = sizeof from;
    int fd = accept4(l->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      admit(l, fd, &from);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      log_warning_of("", "port %u: %s, new connections wait", (unsigned)l->port, strerror(errno));
      poll(NULL, 0, ACCEPT_PAUSE_MS); /* the backlog stays readable; do not spin on it */
    }
    return;
  }
}

/* Called with the lock, as the three that follow.  Who is to be served next; -1: nobody is ready that may. */
static int next_in_line(struct listener *l)
{
  int next = -1, fewest = 0;
  bool proved = false;
  for (int i = 0; i < l->waiting_count; i++) {
    const struct waiting *w = &l->waiting[i];
    if (!w->ready_ms || w->garbage || w->refused || !admission_may_begin(l->admission, w->peer)) continue;
    int shaking = admission_shaking(l->admission, w->peer);
    bool is_proved = admission_proved(l->admission, w->peer);
    if (next >= 0 && (shaking > fewest || (shaking == fewest && is_proved <= proved))) continue;
    next = i;
    fewest = shaking;
    proved = is_proved;
  }
  return next;
}

/* The handshake that gives way to an address with so many under way: the oldest of the address that has the
 * most, and more than the other would then have, or that one has none.  NULL: none does yet; *next_ms comes
 * no later than when one may. */
static struct connection *who_gives(struct listener *l, int own, int64_t now_ms, int64_t *next_ms)
{
  struct connection *gives = NULL;
  int most = own == 0 ? 1 : own + 2;
  for (struct connection *c = l->connections; c; c = c->next) { /* the newest first */
    int shaking = c->shaking ? admission_shaking(l->admission, c->peer) : 0;
    int64_t fresh_until_ms = c->began_ms + l->config.fresh_ms;
    if (shaking < most) continue;
    if (now_ms < fresh_until_ms) {
      if (fresh_until_ms < *next_ms) *next_ms = fresh_until_ms;
      continue;
    }
    gives = c;
    most = shaking;
  }
  return gives;
}

/* One at a time: its place is found when its thread has left, and wakes the port. */
static void make_place(struct listener *l, uint64_t peer, int64_t now_ms, int64_t *next_ms)
{
  if (l->giving > 0) return;
  struct connection *gives = who_gives(l, admission_shaking(l->admission, peer), now_ms, next_ms);
  if (!gives) return;
  gives->giving = true;
  l->giving++;
  link_cut(gives->link);
}

/* Takes the places a connection needs; true when it may begin. */
static bool take_place(struct listener *l, uint64_t peer)
{
  bool ok = l->live < l->config.connections_max && l->shaking < l->config.handshakes_max &&
            admission_begin(l->admission, peer);
  if (ok) {
    l->live++;
    l->shaking++;
  }
  return ok;
}

/* Serves who is next and finds a place; false: nobody does. */
static bool serve_next(struct listener *l, int64_t now_ms, int64_t *next_ms)
{
  struct waiting w = {0};
  pthread_mutex_lock(&l->lock);
  int i = next_in_line(l);
  if (i >= 0) w = l->waiting[i];
  bool begins = i >= 0 && take_place(l, w.peer);
  if (begins)
    forget_waiting(l, i);
  else if (i >= 0)
    make_place(l, w.peer, now_ms, next_ms);
  pthread_mutex_unlock(&l->lock);
  if (begins) start_connection(l, &w);
  return begins;
}

/* Serves who is ready and finds a place, drops who has waited too long; the time of the next deadline. */
static int64_t attend(struct listener *l, int64_t now_ms)
{
  int64_t next_ms = INT64_MAX;
  bool crowded = false;
  while (serve_next(l, now_ms, &next_ms)) {
  }
  for (int i = 0; i < l->waiting_count;) {
    const struct waiting *w = &l->waiting[i];
    int64_t until_ms = w->ready_ms ? w->ready_ms + l->config.queue_ms : w->accepted_ms + l->config.silence_ms;
    if (w->garbage) {
      drop_waiting(l, i, &l->counts.garbage);
    } else if (w->ready_ms && w->refused) {
      tell_refused(l, i);
    } else if (now_ms >= until_ms) {
      drop_waiting(l, i, &l->counts.silent);
    } else {
      if (until_ms < next_ms) next_ms = until_ms;
      crowded = crowded || w->ready_ms;
      i++;
    }
  }
  if (l->config.crowded) atomic_store(l->config.crowded, crowded);
  return next_ms;
}

/* A first byte has come, or the end of a peer that gave up.  It stays in the socket. */
static void note_ready(struct listener *l, int64_t now_ms)
{
  const uint8_t handshake_record = 0x16; /* RFC 5246 6.2.1: every TLS connection begins with it */
  for (int i = 0; i < l->waiting_count; i++) {
    struct waiting *w = &l->waiting[i];
    uint8_t first;
    if (!l->polls[2 + i].revents) continue;
    ssize_t n = recv(w->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    w->ready_ms = now_ms;
    w->garbage = n <= 0 || (l->config.tls && first != handshake_record);
  }
}

static void *run_port(void *arg)
{
  struct listener *l = arg;
  int64_t next_ms = INT64_MAX;
  while (!atomic_load(&l->stopping)) {
    l->polls[0] = (struct pollfd){.fd = l->fd, .events = POLLIN};
    l->polls[1] = (struct pollfd){.fd = l->wake, .events = POLLIN};
    for (int i = 0; i < l->waiting_count; i++)
      l->polls[2 + i] =
          (struct pollfd){.fd = l->waiting[i].ready_ms ? -1 : l->waiting[i].fd, .events = POLLIN};
    int timeout = next_ms == INT64_MAX ? -1 : address_wait_ms(next_ms);
    if (poll(l->polls, (nfds_t)l->waiting_count + 2, timeout) < 0) continue;
    int64_t now_ms = clock_mono_ms();
    uint64_t count;
    if (l->polls[1].revents) (void)!read(l->wake, &count, sizeof count);
    note_ready(l, now_ms);
    if (l->polls[0].revents) accept_all(l);
    next_ms = attend(l, clock_mono_ms());
  }
  while (l->waiting_count > 0)
    drop_waiting(l, l->waiting_count - 1, &l->counts.silent);
  return NULL;
}

/* -- Opening and closing. -- */

static void set_default(int *value, int fallback)
{
  if (*value == 0) *value = fallback;
}

static void fill_defaults(struct listener_config *c)
{
  set_default(&c->connections_max, 256);
  set_default(&c->connections_per_peer_max, 32);
  set_default(&c->queue_per_peer_max, c->connections_per_peer_max);
  set_default(&c->waiting_max, 512);
  set_default(&c->handshakes_max, 64);
  set_default(&c->handshakes_per_peer_max, 8);
  set_default(&c->handshake_ms, 10000);
  set_default(&c->fresh_ms, 2000);
  set_default(&c->silence_ms, 5000);
  set_default(&c->queue_ms, 20000);
  set_default(&c->burst_per_peer, 60);
  set_default(&c->rate_per_peer, 600);
  if (c->stack_size == 0) c->stack_size = (size_t)64 * 1024;
  c->stack_size *= STACK_FACTOR;
  if (c->stack_size < (size_t)PTHREAD_STACK_MIN) c->stack_size = (size_t)PTHREAD_STACK_MIN;
}

static atomic_int descriptors_of_all =
    DESCRIPTORS_SPARE; /* what the ports of this process may need together */

static int descriptors_of(const struct listener_config *c)
{
  return c->connections_max * DESCRIPTORS_PER_CONNECTION + c->waiting_max;
}

/* The soft limit is 1024 by habit of select(); nothing here uses that. */
static void raise_descriptors(const struct listener_config *c)
{
  struct rlimit limit;
  int own = descriptors_of(c);
  rlim_t need = (rlim_t)(atomic_fetch_add(&descriptors_of_all, own) + own);
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need) return;
  limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < need)
    log_warning("only %llu file descriptors for %d connections", (unsigned long long)limit.rlim_cur,
                c->connections_max);
}

static void free_listener(struct listener *l)
{
  atomic_fetch_sub(&descriptors_of_all, descriptors_of(&l->config));
  if (l->fd >= 0) close(l->fd);
  if (l->wake >= 0) close(l->wake);
  tls_close(l->tls);
  admission_close(l->admission);
  pthread_cond_destroy(&l->fewer);
  pthread_mutex_destroy(&l->lock);
  free(l->waiting);
  free(l->polls);
  free(l);
}

/* Signals belong to the program's main thread: the port's thread blocks them, and its connections inherit
 * that. */
static bool start_port(struct listener *l)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool ok = pthread_create(&l->thread, NULL, run_port, l) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}

bool listener_open(struct listener **out, const struct listener_config *config, struct err *err)
{
  struct listener *l = calloc(1, sizeof *l);
  if (!l) return err_set(err, ERR_IO, "no memory for a listener");
  l->config = *config;
  l->fd = -1;
  fill_defaults(&l->config);
  const struct listener_config *c = &l->config;
  pthread_mutex_init(&l->lock, NULL);
  pthread_condattr_t monotonic; /* a clock that is set must not change a grace */
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&l->fewer, &monotonic);
  pthread_condattr_destroy(&monotonic);
  atomic_init(&l->stopping, false);
  if (config->tls) l->tls = tls_share(config->tls);
  l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  l->waiting = calloc((size_t)c->waiting_max, sizeof *l->waiting);
  l->polls = calloc((size_t)c->waiting_max + 2, sizeof *l->polls);
  l->admission = admission_open(&(struct admission_limits){.per_peer = c->queue_per_peer_max,
                                                           .served_per_peer = c->connections_per_peer_max,
                                                           .handshakes_per_peer = c->handshakes_per_peer_max,
                                                           .burst = c->burst_per_peer,
                                                           .per_minute = c->rate_per_peer,
                                                           .peers_max = PEERS_MAX});
  bool ok = (l->wake >= 0 && l->waiting && l->polls && l->admission) ||
            err_set(err, ERR_IO, "no memory for a listener");
  raise_descriptors(c);
  ok = ok && address_listen(c->listen, c->tls == NULL, &l->fd, &l->port, err);
  *out = ok ? l : NULL; /* before its thread: whoever is served may ask for it */
  if (ok && !start_port(l)) ok = err_set(err, ERR_IO, "no thread for port %u", (unsigned)l->port);
  if (ok) return true;
  *out = NULL;
  free_listener(l);
  return false;
}

static void stop_port(struct listener *l)
{
  if (atomic_exchange(&l->stopping, true)) return;
  wake_port(l);
  pthread_join(l->thread, NULL);
  close(l->fd); /* who connects from now on is refused by the kernel */
  l->fd = -1;
}

void listener_drain(struct listener *l, int64_t grace_ms)
{
  stop_port(l);
  listener_wake(l, 0);
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  int64_t at_ms = (int64_t)until.tv_sec * 1000 + until.tv_nsec / 1000000 + grace_ms;
  until = (struct timespec){.tv_sec = (time_t)(at_ms / 1000), .tv_nsec = (long)(at_ms % 1000) * 1000000};
  pthread_mutex_lock(&l->lock);
  while (l->live > 0 && pthread_cond_timedwait(&l->fewer, &l->lock, &until) == 0) {
  }
  pthread_mutex_unlock(&l->lock);
}

static size_t for_each(struct listener *l, uint32_t code, void (*act)(struct link *))
{
  size_t n = 0;
  pthread_mutex_lock(&l->lock);
  for (struct connection *c = l->connections; c; c = c->next)
    if (code == 0 || c->code == code) {
      act(c->link);
      n++;
    }
  pthread_mutex_unlock(&l->lock);
  return n;
}

void listener_stop(struct listener *listener)
{
  stop_port(listener);
  (void)for_each(listener, 0, link_cut);
  pthread_mutex_lock(&listener->lock);
  while (listener->live > 0)
    pthread_cond_wait(&listener->fewer, &listener->lock);
  pthread_mutex_unlock(&listener->lock);
}

void listener_close(struct listener *listener)
{
  if (!listener) return;
  listener_stop(listener);
  free_listener(listener);
}

/* -- From other threads. -- */

uint16_t listener_port(const struct listener *listener)
{
  return listener->port;
}

void listener_renew(struct listener *listener, struct tls *tls)
{
  pthread_mutex_lock(&listener->lock);
  struct tls *before = listener->tls;
  listener->tls = tls_share(tls);
  pthread_mutex_unlock(&listener->lock);
  tls_close(before);
}

size_t listener_cut(struct listener *listener, uint32_t code)
{
  return code == 0 ? 0 : for_each(listener, code, link_cut);
}

size_t listener_wake(struct listener *listener, uint32_t code)
{
  return for_each(listener, code, link_wake);
}

bool listener_stopping(const struct listener *listener)
{
  return atomic_load(&listener->stopping);
}

void listener_count(struct listener *listener, struct listener_counts *out)
{
  pthread_mutex_lock(&listener->lock);
  *out = listener->counts;
  out->live = (uint64_t)listener->live;
  pthread_mutex_unlock(&listener->lock);
}
