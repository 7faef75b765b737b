#include "hub/recall_tell.h"

#include "core/base/log.h"

#include <stdio.h>
#include <string.h>

static bool was_told(struct recall_telling *t, const struct recall_fault *fault)
{
  char who[CAME_WITH_SIZE];
  (void)snprintf(who, sizeof who, "%s", fault->came_with);
  if (!who[0]) (void)snprintf(who, sizeof who, "%u", fault->branch);
  for (size_t i = 0; i < t->told.count; i++)
    if (strcmp(t->told.of[i], who) == 0) return true;
  if (t->told.count < CODES_MAX) memcpy(t->told.of[t->told.count++], who, sizeof who);
  return false;
}

static void tell_faults(struct recall_telling *t, const struct recall_state *s)
{
  for (size_t i = 0; i < s->fault_count; i++) {
    const struct recall_fault *fault = &s->faults[i];
    if (!was_told(t, fault))
      log_warning("branch %u %s (it came with %s): %s", fault->branch, division_name(t->names, fault->branch),
                  *fault->came_with ? fault->came_with : "nothing", fault->why);
  }
}

/* A key that was stolen, or a second machine with the same keys. */
static void tell_rivals(struct recall_telling *t, const struct recall_state *s)
{
  for (size_t i = 0; i < s->rival_count; i++) {
    const struct recall_rival *rival = &s->rivals[i];
    bool told = false;
    char list[RECALL_RIVALS_SHOWN * (CAME_WITH_SIZE + 40)] = "";
    size_t at = 0;
    for (size_t k = 0; k < t->rivals.count; k++)
      told = told || t->rivals.branch[k] == rival->branch;
    if (told || t->rivals.count == CODES_MAX) continue;
    t->rivals.branch[t->rivals.count++] = rival->branch;
    for (size_t k = 0; k < rival->count; k++)
      at += (size_t)snprintf(list + at, sizeof list - at, "%s %s through entry %llu", k ? "," : "",
                             rival->of[k].came_with, (unsigned long long)rival->of[k].through);
    log_warning(
        "branch %u %s: several came for it, and from its entry %llu on they have different ones:%s. The "
        "root that was signed says which were in the log; --without and one of these names leaves that "
        "one out, and not the branch",
        rival->branch, division_name(t->names, rival->branch), (unsigned long long)rival->seq, list);
  }
}

/* A disk that went back, and a province that signed again.  The line to type is whole. */
static void tell_pasts(struct recall_telling *t, const struct recall_state *s)
{
  char root[2 * HASH_SIZE + 1], list[RECALL_RIVALS_SHOWN * (CAME_WITH_SIZE + 80) + 40];
  size_t holders = 0;
  for (size_t i = 0; i < s->past_count; i++)
    holders += s->pasts[i].count;
  if (holders == 0 || (t->forked == s->target && t->holders == holders)) return;
  t->forked = s->target;
  t->holders = holders;
  for (size_t i = 0; i < s->past_count; i++) {
    const struct recall_past *past = &s->pasts[i];
    size_t at = 0;
    list[0] = 0;
    for (size_t k = 0; k < past->count && k < RECALL_RIVALS_SHOWN; k++)
      at += (size_t)snprintf(list + at, sizeof list - at, "%s %u %.40s (%s)", k ? "," : "",
                             past->of[k].branch, division_name(t->names, past->of[k].branch),
                             past->of[k].came_with[0] ? past->of[k].came_with : "it came with nothing");
    if (past->count > RECALL_RIVALS_SHOWN)
      (void)snprintf(list + at, sizeof list - at, " and %zu more", past->count - RECALL_RIVALS_SHOWN);
    hex_encode(root, past->root.bytes, HASH_SIZE);
    log_warning(
        "the province signed more than one checkpoint of %llu leaves; one is held by%s: it is left out "
        "with --without checkpoint:%llu:%s, and what its holders bring counts all the same",
        (unsigned long long)s->target, list, (unsigned long long)s->target, root);
  }
}

void recall_tell_found(struct recall_telling *t, const struct recall_state *s)
{
  tell_faults(t, s);
  tell_rivals(t, s);
  tell_pasts(t, s);
}
