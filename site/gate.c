#include "site/gate.h"

#include <errno.h>
#include <string.h>
#include <time.h>

void gate_init(struct gate *gate, int places, int each, int address, int64_t wait_ms, const char *busy)
{
  pthread_condattr_t monotonic;
  *gate = (struct gate){.places = places, .each = each, .address = address, .wait_ms = wait_ms, .busy = busy};
  pthread_mutex_init(&gate->lock, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&gate->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

void gate_wipe(struct gate *gate)
{
  pthread_cond_destroy(&gate->changed);
  pthread_mutex_destroy(&gate->lock);
}

static int count(const struct gate *gate, const char *who, const char *peer)
{
  int n = 0;
  for (const struct gate_place *p = gate->all; p; p = p->next)
    n += (!who || strcmp(p->who, who) == 0) && (!peer || strcmp(p->peer, peer) == 0);
  return n;
}

/* Whose turn it is; NULL while no place is free or nobody waits. */
static const struct gate_place *next_in(const struct gate *gate)
{
  const struct gate_place *best = NULL;
  int in = 0, least = 0;
  for (const struct gate_place *p = gate->all; p; p = p->next)
    in += p->in;
  if (in >= gate->places) return NULL;
  for (const struct gate_place *p = gate->all; p; p = p->next) {
    int n = p->in ? 0 : count(gate, NULL, p->peer);
    if (p->in || (best && n >= least)) continue;
    best = p;
    least = n;
  }
  return best;
}

static void append(struct gate *gate, struct gate_place *place)
{
  struct gate_place **end = &gate->all;
  while (*end)
    end = &(*end)->next;
  *end = place;
}

static void drop(struct gate *gate, struct gate_place *place)
{
  struct gate_place **at = &gate->all;
  while (*at != place)
    at = &(*at)->next;
  *at = place->next;
  pthread_cond_broadcast(&gate->changed);
}

bool gate_enter(struct gate *gate, struct gate_place *place, const char *who, const char *peer,
                struct err *err)
{
  struct timespec until;
  int late = 0;
  *place = (struct gate_place){.who = who, .peer = peer};
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += gate->wait_ms / 1000;
  until.tv_nsec += gate->wait_ms % 1000 * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  pthread_mutex_lock(&gate->lock);
  bool fits = count(gate, who, peer) < gate->each && count(gate, NULL, peer) < gate->address;
  if (fits) append(gate, place);
  while (fits && next_in(gate) != place && !late)
    late = pthread_cond_timedwait(&gate->changed, &gate->lock, &until);
  place->in = fits && next_in(gate) == place;
  if (fits && !place->in) drop(gate, place);
  if (place->in) pthread_cond_broadcast(&gate->changed); /* there may be a second place */
  pthread_mutex_unlock(&gate->lock);
  return place->in || err_rule(err, ERR_BUSY, "", "busy", "%s", gate->busy);
}

void gate_leave(struct gate *gate, struct gate_place *place)
{
  pthread_mutex_lock(&gate->lock);
  drop(gate, place);
  pthread_mutex_unlock(&gate->lock);
}
