#include "sync/policy.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_SIZE = 80, LOGS_MAX = 16 };

/* A witness or a group; a member knows its group, so that counting is one pass from the last line to the
 * first. */
struct node {
  char name[NAME_MAX_SIZE + 1];
  bool witness;
  struct note_key key;
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
  char vkey[400];
  if (!word(line, vkey, sizeof vkey)) return wrong(line, "a log needs a verifier key");
  if (policy->log_count == LOGS_MAX) return wrong(line, "there are too many logs");
  return note_key_decode(&policy->logs[policy->log_count++], vkey, line->err) ||
         wrong(line, "the key is malformed");
}

static bool read_witness(struct policy *policy, struct line *line)
{
  char name[NAME_MAX_SIZE + 1];
  char vkey[400];
  if (!word(line, name, sizeof name) || !word(line, vkey, sizeof vkey))
    return wrong(line, "a witness needs a name and a key");
  struct node *node = add(policy, line, name);
  if (!node) return false;
  node->witness = true;
  if (!note_key_decode(&node->key, vkey, line->err)) return false;
  return node->key.type == NOTE_KEY_COSIGNATURE || wrong(line, "the key is not one for cosignatures");
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

const struct note_key *policy_witness(const struct policy *policy, size_t i)
{
  for (size_t at = 0; at < policy->count; at++)
    if (policy->nodes[at].witness && i-- == 0) return &policy->nodes[at].key;
  return NULL;
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
