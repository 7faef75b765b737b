#include "webui/bodies.h"

#include <string.h>

void bodies_init(struct bodies *bodies, size_t max)
{
  *bodies = (struct bodies){.max = max};
  pthread_mutex_init(&bodies->lock, NULL);
}

void bodies_wipe(struct bodies *bodies)
{
  pthread_mutex_destroy(&bodies->lock);
}

/* The requests that hold something are as many as there are threads: some hundred to look at. */
static bool has_room(const struct bodies *bodies, const struct body_share *share, size_t more)
{
  size_t all = more, files = share->file ? more : 0, own = more;
  for (const struct body_share *s = bodies->first; s; s = s->next) {
    all += s->bytes;
    if (s->file) files += s->bytes;
    if (s->file == share->file && strcmp(s->peer, share->peer) == 0) own += s->bytes;
  }
  return all <= bodies->max && files <= bodies->max / 4 * 3 && own <= bodies->max / 4;
}

bool bodies_take(struct bodies *bodies, struct body_share *share, size_t more)
{
  pthread_mutex_lock(&bodies->lock);
  bool ok = has_room(bodies, share, more);
  if (ok && share->bytes == 0 && more > 0) {
    share->next = bodies->first;
    bodies->first = share;
  }
  if (ok) share->bytes += more;
  pthread_mutex_unlock(&bodies->lock);
  return ok;
}

void bodies_give(struct bodies *bodies, struct body_share *share)
{
  if (share->bytes == 0) return;
  pthread_mutex_lock(&bodies->lock);
  struct body_share **at = &bodies->first;
  while (*at != share)
    at = &(*at)->next;
  *at = share->next;
  share->bytes = 0;
  pthread_mutex_unlock(&bodies->lock);
}
