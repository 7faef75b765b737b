#include "net/source.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* 127.1.0.0 to 127.254.255.255: 127.0.x.y is everybody's, and 127.255.255.255 is a broadcast address. */
static const uint32_t first_address = 0x7f010000, address_count = 254u << 16;

struct slot {
  uint32_t address; /* 0: free */
  uint32_t round;   /* how often this slot was taken */
  int next_free;
  bool secure;
  char peer[LINK_PEER_SIZE];
};

/* Slot i is given the addresses first + round * size + i, so an address leads to its slot. */
struct sources {
  pthread_mutex_t lock;
  uint32_t size;
  int first_free, last_free; /* a queue: the slot that rests longest is taken next */
  struct slot slots[];
};

struct sources *sources_open(int connections_max)
{
  assert(connections_max > 0 && (uint32_t)connections_max < address_count / 16);
  struct sources *s = calloc(1, sizeof *s + (size_t)connections_max * sizeof s->slots[0]);
  if (!s) return NULL;
  pthread_mutex_init(&s->lock, NULL);
  s->size = (uint32_t)connections_max;
  for (int i = 0; i < connections_max; i++)
    s->slots[i].next_free = i + 1 < connections_max ? i + 1 : -1;
  s->last_free = connections_max - 1;
  return s;
}

void sources_close(struct sources *sources)
{
  if (!sources) return;
  pthread_mutex_destroy(&sources->lock);
  free(sources);
}

uint32_t sources_take(struct sources *s, const char *peer, bool secure)
{
  uint32_t address = 0;
  pthread_mutex_lock(&s->lock);
  int i = s->first_free;
  if (i >= 0) {
    struct slot *slot = &s->slots[i];
    s->first_free = slot->next_free;
    uint32_t rounds = address_count / s->size;
    address = first_address + slot->round++ % rounds * s->size + (uint32_t)i;
    slot->address = address;
    slot->secure = secure;
    snprintf(slot->peer, sizeof slot->peer, "%s", peer);
  }
  pthread_mutex_unlock(&s->lock);
  return address;
}

/* Called with the lock. */
static struct slot *slot_of(struct sources *s, uint32_t address)
{
  if (address < first_address || address - first_address >= address_count) return NULL;
  struct slot *slot = &s->slots[(address - first_address) % s->size];
  return slot->address == address ? slot : NULL;
}

void sources_give(struct sources *s, uint32_t address)
{
  pthread_mutex_lock(&s->lock);
  struct slot *slot = slot_of(s, address);
  assert(slot);
  int i = (int)(slot - s->slots);
  slot->address = 0;
  slot->next_free = -1;
  if (s->first_free < 0)
    s->first_free = i;
  else
    s->slots[s->last_free].next_free = i;
  s->last_free = i;
  pthread_mutex_unlock(&s->lock);
}

bool sources_find(struct sources *s, uint32_t address, char peer[LINK_PEER_SIZE], bool *secure)
{
  pthread_mutex_lock(&s->lock);
  const struct slot *slot = slot_of(s, address);
  if (slot) {
    snprintf(peer, LINK_PEER_SIZE, "%s", slot->peer);
    *secure = slot->secure;
  }
  pthread_mutex_unlock(&s->lock);
  return slot != NULL;
}
