#include "program/accounts.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/domain/account.h"
#include "core/domain/lockout.h"
#include "core/domain/security_event.h"
#include "program/beside.h"

#include <string.h>

enum { NONE, RESET, UNLOCK, DISABLE, ENABLE };

static int asked_for(const struct cli_args *args, struct err *err)
{
  static const char *const options[] = {[RESET] = "reset", "unlock", "disable", "enable"};
  int found = NONE, count = 0;
  for (int i = RESET; i <= ENABLE; i++) {
    if (!cli_value(args, options[i])) continue;
    found = i;
    count++;
  }
  if (count > 1)
    err_rule(err, ERR_INPUT, "account", "one_of",
             "one of --reset, --unlock, --disable and --enable at a time");
  else if (found && found != UNLOCK && !cli_value(args, "name"))
    err_rule(err, ERR_INPUT, "name", "required", "say which account with --name NAME");
  return err->kind ? -1 : found;
}

static void print_row(void *ctx, const struct account *row)
{
  (void)ctx;
  say("%-32s %-8s%s%s%s\n", row->name, row->role, row->disabled ? " disabled" : "",
      row->must_change ? " one-time password" : "", row->locked_until_ms ? " locked" : "");
}

struct act_of {
  int what;
  const char *name;
  bool hub;
  struct one_time once;
  int lifted;
};

static bool carry_out(struct tx *tx, struct act_of *act, struct err *err)
{
  static const char *const kinds[] = {
      [RESET] = "account_reset", "account_unlock", "account_disable", "account_enable"};
  const bool disabled = act->what == DISABLE;
  char hash[PASSWORD_HASH_SIZE];
  bool ok = !act->name || account_hash(tx->db, act->name, hash, err); /* is there one? */
  if (ok && act->what == RESET) ok = account_set_password(tx, act->name, act->once.hash, true, NULL, err);
  if (ok && act->what == UNLOCK) ok = lockout_lift(tx, act->name, &act->lifted, err);
  if (ok && act->what > UNLOCK)
    ok = account_change(tx, act->hub ? SITE_HUB : SITE_NODE, act->name, NULL, &disabled, err);
  return ok && security_event_leave(tx, kinds[act->what], act->name ? act->name : "", err);
}

static bool write_act(const struct beside *beside, struct act_of *act, struct err *err)
{
  struct tx tx = {.db = beside->db,
                  .author = beside->identity.code,
                  .now_ms = clock_wall_ms(),
                  .actor = "command line",
                  .role = "admin"};
  bool ok = db_begin(beside->db, err) && carry_out(&tx, act, err) && db_commit(beside->db, err);
  if (!ok) db_rollback(beside->db);
  return ok;
}

static bool work(const struct beside *beside, struct err *err)
{
  struct act_of act = {.what = asked_for(beside->args, err),
                       .name = cli_value(beside->args, "name"),
                       .hub = beside->identity.code == beside->identity.province};
  if (act.what < 0) return false;
  if (act.what == NONE) return account_list(beside->db, clock_wall_ms(), print_row, NULL, err);
  bool ok = (act.what != RESET || one_time_make(&act.once, err)) && write_act(beside, &act, err);
  if (ok && act.what == RESET)
    say("%s  one-time password: %s\n", act.name, act.once.password);
  else if (ok && act.what == UNLOCK)
    say("%d locks and counts lifted\n", act.lifted);
  else if (ok)
    say("%s is %s\n", act.name, act.what == DISABLE ? "disabled" : "enabled");
  crypto_wipe(&act.once, sizeof act.once);
  return ok;
}

bool accounts_command(const struct cli_args *args, struct err *err)
{
  return beside_run(args, BESIDE_WRITES, work, err);
}
