#include "sync/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_SIZE = 80, LOGS_MAX = 32 };

/* A witness or a group; a member knows its group, so that counting is one pass from the last line to the
 * first. */
struct node {
  char name[NAME_MAX_SIZE + 1];
  bool witness;
  struct note_key key;
  char *url;        /* of a witness; NULL: nobody asks it over the net */
  size_t threshold; /* of a group */
  size_t members;
  size_t parent; /* index of the group it belongs to; SIZE_MAX for none */
};

struct policy {
  struct note_key logs[LOGS_MAX];
  size_t log_count;
  struct node *nodes;
  size_t count;
  size_t room;
  size_t quorum; /* index; SIZE_MAX for "none" */
  bool quorum_set;
};

/* One line being read. */
struct line {
  const char *at;
  const char *end;
  size_t number;
  struct err *err;
};

static bool wrong(const struct line *line, const char *what)
{
  return err_rule(line->err, ERR_INPUT, "policy", "policy", "line %zu of the policy: %s", line->number, what);
}

/* The next word of the line into out; false when there is none or it is too long. */
static bool word(struct line *line, char *out, size_t room)
{
  while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
    line->at++;
  size_t n = 0;
  while (line->at + n < line->end && line->at[n] != ' ' && line->at[n] != '\t')
    n++;
  if (n == 0 || n >= room) return false;
  memcpy(out, line->at, n);
  out[n] = 0;
  line->at += n;
  return true;
}

/* A key of that type that no line before has: one key under two names would vote twice. */
static bool take_key(const struct policy *policy, struct line *line, uint8_t type, struct note_key *out)
{
  char vkey[400];
  if (!word(line, vkey, sizeof vkey)) return wrong(line, "a verifier key is missing or too long");
  if (!note_key_decode(out, vkey, NULL)) return wrong(line, "the key is malformed");
  if (out->type != type) return wrong(line, "the key is of another type than such a line has");
  for (size_t i = 0; type == NOTE_KEY_ED25519 && i < policy->log_count; i++)
    if (memcmp(policy->logs[i].public_key, out->public_key, PUBLIC_SIZE) == 0)
      return wrong(line, "the key is that of another line");
  for (size_t i = 0; type == NOTE_KEY_COSIGNATURE && i < policy->count; i++)
    if (policy->nodes[i].witness &&
        memcmp(policy->nodes[i].key.public_key, out->public_key, PUBLIC_SIZE) == 0)
      return wrong(line, "the key is that of another line");
  return true;
}

/* The address that may stand behind a key. */
static bool take_url(struct line *line, char **out)
{
  char url[POLICY_URL_MAX + 1];
  while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
    line->at++;
  if (line->at == line->end) return true;
  if (!word(line, url, sizeof url)) return wrong(line, "the address is too long");
  if (out && !(*out = strdup(url))) return err_set(line->err, ERR_IO, "out of memory");
  return true;
}

static size_t find(const struct policy *policy, const char *name)
{
  for (size_t i = 0; i < policy->count; i++)
    if (strcmp(policy->nodes[i].name, name) == 0) return i;
  return SIZE_MAX;
}

static struct node *add(struct policy *policy, struct line *line, const char *name)
{
  if (strcmp(name, "none") == 0 || find(policy, name) != SIZE_MAX) {
    wrong(line, "the name is taken");
    return NULL;
  }
  if (policy->count == POLICY_NODES_MAX) {
    wrong(line, "there are too many witnesses and groups");
    return NULL;
  }
  if (policy->count == policy->room) {
    size_t room = policy->room ? policy->room * 2 : 64;
    struct node *nodes = realloc(policy->nodes, room * sizeof *nodes);
    if (!nodes) {
      err_set(line->err, ERR_IO, "out of memory");
      return NULL;
    }
    policy->nodes = nodes;
    policy->room = room;
  }
  struct node *node = &policy->nodes[policy->count++];
  memset(node, 0, sizeof *node);
  memcpy(node->name, name, strlen(name) + 1);
  node->parent = SIZE_MAX;
  return node;
}

static bool read_log(struct policy *policy, struct line *line)
{
  struct note_key key;
  if (policy->log_count == LOGS_MAX) return wrong(line, "there are too many logs");
  if (!take_key(policy, line, NOTE_KEY_ED25519, &key)) return false;
  policy->logs[policy->log_count++] = key;
  return take_url(line, NULL);
}

static bool read_witness(struct policy *policy, struct line *line)
{
  char name[NAME_MAX_SIZE + 1];
  struct note_key key;
  if (!word(line, name, sizeof name)) return wrong(line, "a witness needs a name and a key");
  if (!take_key(policy, line, NOTE_KEY_COSIGNATURE, &key)) return false;
  struct node *node = add(policy, line, name);
  if (!node) return false;
  node->witness = true;
  node->key = key;
  return take_url(line, &node->url);
}

static bool threshold_of(const char *text, size_t members, size_t *out)
{
  if (strcmp(text, "any") == 0)
    *out = 1;
  else if (strcmp(text, "all") == 0)
    *out = members;
  else {
    char *end = NULL;
    unsigned long k = text[0] >= '1' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (!end || *end) return false;
    *out = k;
  }
  return *out > 0 && *out <= members;
}

static bool read_group(struct policy *policy, struct line *line)
{
  char name[NAME_MAX_SIZE + 1];
  char threshold[16];
  char member[NAME_MAX_SIZE + 1];
  if (!word(line, name, sizeof name) || !word(line, threshold, sizeof threshold))
    return wrong(line, "a group needs a name and a number, any or all");
  if (!add(policy, line, name)) return false;
  size_t group = policy->count - 1;
  while (word(line, member, sizeof member)) {
    size_t i = find(policy, member);
    if (i == SIZE_MAX || i == group) return wrong(line, "a member is not defined above");
    if (policy->nodes[i].parent != SIZE_MAX) return wrong(line, "a member belongs to another group");
    policy->nodes[i].parent = group;
    policy->nodes[group].members++;
  }
  struct node *node = &policy->nodes[group];
  return threshold_of(threshold, node->members, &node->threshold) ||
         wrong(line, "the number does not fit the members");
}

static bool read_quorum(struct policy *policy, struct line *line)
{
  char name[NAME_MAX_SIZE + 1];
  if (policy->quorum_set) return wrong(line, "there is a quorum already");
  if (!word(line, name, sizeof name)) return wrong(line, "a quorum needs a name or none");
  policy->quorum_set = true;
  policy->quorum = find(policy, name);
  return strcmp(name, "none") == 0 || policy->quorum != SIZE_MAX ||
         wrong(line, "the quorum is not defined above");
}

static bool read_line(struct policy *policy, struct line *line)
{
  static const struct {
    const char *word;
    bool (*read)(struct policy *policy, struct line *line);
  } kinds[] = {{"log", read_log}, {"witness", read_witness}, {"group", read_group}, {"quorum", read_quorum}};
  char first[16];
  for (const char *c = line->at; c < line->end; c++)
    if ((unsigned char)*c < 0x20 ? *c != '\t' : *c == 0x7f) return wrong(line, "it has a control byte");
  while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
    line->at++;
  if (line->at == line->end || *line->at == '#') return true;
  if (!word(line, first, sizeof first)) return wrong(line, "it begins with no word of a policy");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(first, kinds[i].word) != 0) continue;
    if (!kinds[i].read(policy, line)) return false;
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
      line->at++;
    return line->at == line->end || wrong(line, "there is something after its end");
  }
  return wrong(line, "it begins with no word of a policy");
}

bool policy_open(struct policy **out, const char *text, size_t size, struct err *err)
{
  if (size > POLICY_SIZE_MAX)
    return err_rule(err, ERR_LIMIT, "policy", "policy_size", "a policy of %zu bytes is too long", size);
  struct policy *policy = calloc(1, sizeof *policy);
  if (!policy) return err_set(err, ERR_IO, "out of memory");
  policy->quorum = SIZE_MAX;
  struct line line = {.at = text, .err = err};
  const char *end = size ? text + size : text; /* no text at all may be NULL */
  bool ok = true;
  while (ok && line.at < end) {
    const char *stop = memchr(line.at, '\n', (size_t)(end - line.at));
    line.end = stop ? stop : end;
    line.number++;
    ok = read_line(policy, &line);
    line.at = line.end + 1;
  }
  if (ok && !policy->quorum_set)
    ok = err_rule(err, ERR_INPUT, "policy", "policy", "the policy has no quorum line");
  if (!ok) {
    policy_close(policy);
    return false;
  }
  *out = policy;
  return true;
}

void policy_close(struct policy *policy)
{
  if (!policy) return;
  for (size_t i = 0; i < policy->count; i++)
    free(policy->nodes[i].url);
  free(policy->nodes);
  free(policy);
}

size_t policy_logs(const struct policy *policy, const struct note_key **keys)
{
  *keys = policy->logs;
  return policy->log_count;
}

size_t policy_witnesses(const struct policy *policy)
{
  size_t n = 0;
  for (size_t i = 0; i < policy->count; i++)
    n += policy->nodes[i].witness;
  return n;
}

static const struct node *nth_witness(const struct policy *policy, size_t i)
{
  for (size_t at = 0; at < policy->count; at++)
    if (policy->nodes[at].witness && i-- == 0) return &policy->nodes[at];
  return NULL;
}

const struct note_key *policy_witness(const struct policy *policy, size_t i)
{
  const struct node *node = nth_witness(policy, i);
  return node ? &node->key : NULL;
}

bool policy_asks_nobody(const struct policy *policy)
{
  return policy->quorum == SIZE_MAX;
}

const char *policy_witness_url(const struct policy *policy, size_t i)
{
  const struct node *node = nth_witness(policy, i);
  return node ? node->url : NULL;
}

void policy_judge(const struct policy *policy, const struct note *note, struct policy_result *result)
{
  struct policy_result r = {.met = policy->quorum == SIZE_MAX};
  size_t *votes = calloc(policy->count + 1, sizeof *votes);
  /* A group is defined after its members, so every vote is in before the group is looked at. */
  for (size_t i = 0; votes && i < policy->count; i++) {
    const struct node *node = &policy->nodes[i];
    uint64_t time_s = 0;
    bool good = node->witness ? note_verify(note, &node->key, &time_s, NULL) : votes[i] >= node->threshold;
    if (!good) continue;
    if (node->parent != SIZE_MAX) votes[node->parent]++;
    if (i == policy->quorum) r.met = true;
    if (!node->witness) continue;
    r.witnesses++;
    if (r.oldest_s == 0 || time_s < r.oldest_s) r.oldest_s = time_s;
  }
  free(votes);
  *result = r;
}

void policy_missing(const struct policy *policy, bool (*there)(void *ctx, const struct note_key *key),
                    void *ctx, struct buf *out)
{
  enum { NAMED = 5 };
  char more[40];
  size_t missing = 0;
  for (size_t i = 0; i < policy->count; i++) {
    const struct node *node = &policy->nodes[i];
    if (!node->witness || there(ctx, &node->key) || ++missing > NAMED) continue;
    if (missing > 1) put_text(out, ", ");
    put_text(out, node->name);
  }
  snprintf(more, sizeof more, " and %zu more", missing > NAMED ? missing - NAMED : 0);
  if (missing > NAMED) put_text(out, more);
}

static int larger_first(const void *left, const void *right)
{
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return a > b ? -1 : a < b;
}

/* A group of k reaches as far as the k-th of its members, from the farthest.  reach[] of its members is
 * known, since they stand above it. */
static uint64_t group_reach(const struct policy *policy, size_t group, const uint64_t *reach,
                            uint64_t *sorted)
{
  size_t n = 0;
  for (size_t i = 0; i < group; i++)
    if (policy->nodes[i].parent == group) sorted[n++] = reach[i];
  qsort(sorted, n, sizeof *sorted, larger_first);
  return sorted[policy->nodes[group].threshold - 1];
}

uint64_t policy_reach(const struct policy *policy, uint64_t (*size_of)(void *ctx, const struct note_key *key),
                      void *ctx)
{
  uint64_t quorum = 0;
  if (policy->quorum == SIZE_MAX) return UINT64_MAX;
  uint64_t *reach = calloc(2 * policy->count, sizeof *reach);
  if (!reach) return 0; /* nothing is called witnessed that was not counted */
  for (size_t i = 0; i <= policy->quorum; i++)
    reach[i] = policy->nodes[i].witness ? size_of(ctx, &policy->nodes[i].key)
                                        : group_reach(policy, i, reach, reach + policy->count);
  quorum = reach[policy->quorum];
  free(reach);
  return quorum;
}
