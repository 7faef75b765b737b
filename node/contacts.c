#include "node/contacts.h"

#include "core/base/clock.h"
#include "core/domain/contact.h"
#include "program/clock_watch.h"

#include <stdio.h>
#include <string.h>

enum { BURST_OVER_MS = 1500 }; /* so long without a move, and the burst is over */

static bool add(struct tx *tx, void *ctx, struct err *err)
{
  return contact_add(tx, ctx, err);
}

static void write_row(struct app *app, const char *kind, int64_t at_ms, int64_t took_ms, const char *detail)
{
  struct contact row = {.kind = kind, .at_ms = at_ms, .took_ms = took_ms, .detail = detail};
  app_local(app, add, &row, NULL);
}

static void write_burst(struct contacts *contacts, struct app *app)
{
  struct contact row = {.kind = "sync",
                        .at_ms = contacts->begun_ms,
                        .took_ms = contacts->last_ms - contacts->begun_ms,
                        .sent = (int64_t)(contacts->seen_sent - contacts->sent),
                        .got = (int64_t)(contacts->seen_got - contacts->got),
                        .refused = (int64_t)(contacts->seen_refused - contacts->refused),
                        .detail = ""};
  if (!contacts->due_ms) return;
  app_local(app, add, &row, NULL);
  contacts->sent = contacts->seen_sent;
  contacts->got = contacts->seen_got;
  contacts->refused = contacts->seen_refused;
  contacts->due_ms = contacts->begun_ms = 0;
}

void contacts_progress(struct contacts *contacts, struct app *app, const struct exchange_node_facts *facts)
{
  if (!contacts->up) write_row(app, "up", facts->welcome_ms, 0, facts->hub_program);
  contacts->up = true;
  bool moved = facts->entries_sent != contacts->seen_sent || facts->entries_got != contacts->seen_got ||
               facts->entries_refused != contacts->seen_refused;
  if (moved) {
    contacts->last_ms = clock_wall_ms();
    if (!contacts->due_ms) contacts->begun_ms = contacts->last_ms;
    contacts->due_ms = clock_mono_ms() + BURST_OVER_MS;
    contacts->seen_sent = facts->entries_sent;
    contacts->seen_got = facts->entries_got;
    contacts->seen_refused = facts->entries_refused;
  } else if (contacts->due_ms && clock_mono_ms() >= contacts->due_ms) {
    write_burst(contacts, app);
  }
}

void contacts_end(struct contacts *contacts, struct app *app, const char *why)
{
  write_burst(contacts, app);
  if (contacts->up) write_row(app, "down", clock_wall_ms(), 0, why);
  memset(contacts, 0, sizeof *contacts);
}

void contacts_answered(struct contacts *contacts, struct node *node, const struct exchange_node_facts *facts)
{
  struct err twin = ERR_INIT;
  const struct err *stall = facts->up.kind ? &facts->up : &facts->down;
  if (!stall->kind && facts->twin_ms) {
    err_rule(&twin, ERR_DENIED, "branch", "cloned", "another machine runs with the keys of this branch");
    stall = &twin;
  } else if (!stall->kind && facts->two_hubs) {
    err_rule(
        &twin, ERR_DENIED, "hub", "two_hubs",
        "two programs run with the keys of this province, one of them a copy: the province must stop it");
    stall = &twin;
  }
  struct node_link *link = &node->link;
  pthread_mutex_lock(&node->app.lock);
  bool fresh = facts->welcome_mono_ms != contacts->heard_ms; /* also when the clock was set back meanwhile */
  if (fresh) link->last_contact_ms = facts->welcome_ms;
  snprintf(link->stall, sizeof link->stall, "%.*s", (int)sizeof link->stall - 1, stall->text);
  memcpy(link->stall_rule, stall->rule, sizeof link->stall_rule);
  pthread_mutex_unlock(&node->app.lock);
  if (fresh) clock_heard(&node->app, facts->hub_wall_ms);
  contacts->heard_ms = facts->welcome_mono_ms;
}

static void newest_contact(void *ctx, const struct contact *row)
{
  int64_t *at_ms = ctx;
  if (row->at_ms > clock_wall_ms()) return; /* noted under a wrong clock: nobody knows when it was */
  if (row->at_ms + row->took_ms > *at_ms) *at_ms = row->at_ms + row->took_ms;
}

bool contacts_recall(struct db *db, int64_t *last_ms, struct err *err)
{
  *last_ms = 0;
  return contact_list(db, 8, newest_contact, last_ms, err);
}
