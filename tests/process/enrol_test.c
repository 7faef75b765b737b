/* enrol_test.c - letting a branch in and putting it out, with the real programs and their command lines. */
#include "core/base/clock.h"
#include "core/base/db.h"
#include "tests/process/rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRANCH = 330127, NOTICE_MS = 5000 };
#define BY_COMMAND "SELECT count(*) FROM security_event WHERE actor = 'command line' AND kind = "

static struct rig rig;
static struct program hub, node;
static char out[2048], line[2048];

/* A command that ends: its exit status; what it printed is in `out`, its one line of refusal in errors.log.
 */
static int call(bool is_hub, const char *command, const char *name, const char *option, const char *value)
{
  char dir[RIG_PATH_MAX], path[RIG_PATH_MAX];
  const char *const argv[] = {
      rig_program(is_hub), command, "--dir", rig_path(&rig, name, dir), option, value, NULL};
  int log = open(rig_path(&rig, "errors.log", path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int own = dup(STDERR_FILENO);
  dup2(log, STDERR_FILENO);
  int status = rig_run(out, sizeof out, argv);
  dup2(own, STDERR_FILENO);
  close(own);
  close(log);
  return status;
}

static void must_be(const char *what, int status, int wanted)
{
  if (status != wanted) rig_fail("%s: exit %d, not %d: %s", what, status, wanted, out);
}

static int64_t number(const char *file, const char *sql)
{
  char path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = -1;
  if (!db_open(&db, rig_path(&rig, file, path), DB_READ, &err) || !db_int(db, sql, 0, &n, &err))
    rig_fail("%s", err.text);
  db_close(db);
  return n;
}

static bool log_has(const char *name, const char *words)
{
  char file[64], path[RIG_PATH_MAX], text[1024];
  snprintf(file, sizeof file, "%s.log", name);
  FILE *in = fopen(rig_path(&rig, file, path), "re");
  bool found = false;
  while (in && !found && fgets(text, sizeof text, in))
    found = strstr(text, words) != NULL;
  if (in) fclose(in);
  return found;
}

static void wait_for(const char *name, const char *words, int ms)
{
  for (int64_t begun = rig_now_us(); !log_has(name, words); rig_sleep_ms(20))
    if (rig_now_us() - begun > ms * 1000LL) rig_fail("%s does not say \"%s\" after %d ms", name, words, ms);
}

static void an_unknown_option_is_usage_and_an_unknown_folder_is_refused(void)
{
  must_be("an unknown option", call(true, "run", "hub", "--portt", "1"), 2);
  must_be("no such folder", call(true, "verify", "nowhere", NULL, NULL), 1);
  must_be("help", call(true, "invite", "hub", "--help", NULL), 0);
  must_be("a province that is there", call(true, "init", "hub", NULL, NULL), 1);
}

static void only_a_county_is_invited_and_only_once_the_line_serves(void)
{
  must_be("a prefecture", call(true, "invite", "hub", "--branch", "330100"), 1);
  must_be("a made-up code", call(true, "invite", "hub", "--branch", "339999"), 1);
  must_be("a county", call(true, "invite", "hub", "--branch", "330127"), 0);
  snprintf(line, sizeof line, "%s", out);
  must_be("enroll", call(false, "enroll", "node", "--invite", line), 0);
  must_be("the same invitation for another machine", call(false, "enroll", "thief", "--invite", line), 1);
  must_be("not an invitation", call(false, "enroll", "thief", "--invite", "sunlit1/330127"), 1);
}

/* As after a crash between the province's answer and the last step: the keys lie beside their place. */
static void a_lost_answer_is_asked_for_again_with_the_same_key(void)
{
  char keys[RIG_PATH_MAX], fresh[RIG_PATH_MAX];
  if (rename(rig_path(&rig, "node/keys", keys), rig_path(&rig, "node/keys.new", fresh)) != 0)
    rig_fail("cannot move %s", keys);
  must_be("an unfinished enrolment does not run", call(false, "run", "node", NULL, NULL), 1);
  must_be("the same command again", call(false, "enroll", "node", "--invite", line), 0);
  if (!strstr(out, "epoch 1") || !strstr(out, "password")) rig_fail("enrolling again said: %s", out);
}

/* Eight answers in all, the first two are given above; what is there already goes on. */
static void who_asks_without_end_is_answered_eight_times_and_named_once(void)
{
  char keys[RIG_PATH_MAX], fresh[RIG_PATH_MAX];
  rig_path(&rig, "node/keys", keys);
  rig_path(&rig, "node/keys.new", fresh);
  for (int i = 2; i <= 8; i++) {
    if (rename(keys, fresh) != 0) rig_fail("cannot move %s", keys);
    must_be("again", call(false, "enroll", "node", "--invite", line), i == 8);
  }
  if (rename(fresh, keys) != 0) rig_fail("cannot move %s", fresh);
  if (!log_has("errors", "was answered 8 times")) rig_fail("the branch is not told why");
  if (number("hub/store.db", "SELECT count(*) FROM certificate WHERE branch = 330127") != 8)
    rig_fail("there is not one certificate an answer");
  if (number("hub/store.db", "SELECT count(*) FROM certificate WHERE branch = 330127 AND revoked_ms = 0") !=
      1)
    rig_fail("certificates that were replaced are good still");
  if (number("hub/store.db", "SELECT count(*) FROM security_event WHERE detail = 'enrolled_again'") != 1)
    rig_fail("an invitation that is asked again is not named once");
}

static void an_invitation_that_names_another_authority_is_not_answered(void)
{
  must_be("invite", call(true, "invite", "hub", "--branch", "330182"), 0);
  snprintf(line, sizeof line, "%s", out);
  char *at = strchr(strchr(strchr(line, '/') + 1, '/') + 1, '/') + 1;
  *at = *at == '0' ? '1' : '0'; /* one digit of the fingerprint */
  must_be("another authority", call(false, "enroll", "deceived", "--invite", line), 1);
  if (number("hub/store.db", "SELECT count(*) FROM invite WHERE branch = 330182 AND used_ms > 0") != 0)
    rig_fail("the token was shown to an authority the invitation does not name");
}

/* Three days pass at the province; what the invitation's own text says of its end is not asked. */
static void an_invitation_that_has_expired_lets_nobody_in(void)
{
  char path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  must_be("invite", call(true, "invite", "hub", "--branch", "330182"), 0);
  snprintf(line, sizeof line, "%s", out);
  if (!db_open(&db, rig_path(&rig, "hub/store.db", path), DB_WRITE, &err) ||
      !db_exec(db, "UPDATE invite SET expires_ms = made_ms WHERE branch = 330182 AND withdrawn_ms = 0", &err))
    rig_fail("%s", err.text);
  db_close(db);
  must_be("an expired invitation", call(false, "enroll", "late", "--invite", line), 1);
  if (!log_has("errors", "no longer valid"))
    rig_fail("the branch is not told that its invitation has expired");
  if (number("hub/store.db", "SELECT count(*) FROM certificate WHERE branch = 330182") != 0)
    rig_fail("an expired invitation was answered with a certificate");
  if (number("hub/store.db", "SELECT count(*) FROM security_event WHERE detail = 'expired_invite'") != 1)
    rig_fail("no event tells of the expired invitation");
  must_be("invite again", call(true, "invite", "hub", "--branch", "330182"), 0);
  snprintf(line, sizeof line, "%s", out);
  must_be("the same directory with a new one", call(false, "enroll", "late", "--invite", line), 0);
}

/* Beside the running hub, which writes the event. */
static void a_withdrawn_invitation_is_refused_by_name(void)
{
  must_be("invite", call(true, "invite", "hub", "--branch", "330122"), 0);
  snprintf(line, sizeof line, "%s", out);
  must_be("withdraw", call(true, "invite", "hub", "--branch=330122", "--withdraw"), 0);
  must_be("withdraw again", call(true, "invite", "hub", "--branch=330122", "--withdraw"), 1);
  must_be("a withdrawn invitation", call(false, "enroll", "withdrawn", "--invite", line), 1);
  if (!log_has("errors", "has withdrawn"))
    rig_fail("the branch is not told that its invitation was withdrawn");
}

static void the_provinces_time_is_kept_beside_the_keys(void)
{
  char path[RIG_PATH_MAX], text[1024] = "";
  FILE *file = fopen(rig_path(&rig, "node/keys/identity.ini", path), "re");
  if (!file || fread(text, 1, sizeof text - 1, file) == 0) rig_fail("no identity is kept");
  fclose(file);
  const char *at = strstr(text, "enrolled_ms = ");
  long long ms = at ? strtoll(at + strlen("enrolled_ms = "), NULL, 10) : 0;
  if (llabs(ms - clock_wall_ms()) > 600000) rig_fail("enrolled at %lld", ms);
}

static void one_directory_has_one_program(void)
{
  rig_start_node(&rig, &node, "node", hub.sync_port);
  must_be("a second node", call(false, "run", "node", NULL, NULL), 1);
  must_be("enrolling under a running node", call(false, "enroll", "node", "--invite", line), 1);
  must_be("status beside it", call(false, "status", "node", "--json", NULL), 0);
  if (!strstr(out, "\"code\":330127")) rig_fail("status says %s", out);
}

static void a_revoked_branch_is_cut_within_a_second_and_stays_out(void)
{
  wait_for("node", "is up", NOTICE_MS);
  int64_t begun = rig_now_us();
  must_be("revoke beside the running hub", call(true, "revoke", "hub", "--branch", "330127"), 0);
  wait_for("hub", "its line is cut", NOTICE_MS);
  printf("cut %lld ms after the command began\n", (long long)(rig_now_us() - begun) / 1000);
  wait_for("hub", "refused: ", NOTICE_MS);
  must_be("revoking twice", call(true, "revoke", "hub", "--branch", "330127"), 1);
  if (number("hub/store.db", "SELECT count(*) FROM sync_key WHERE author = 330127 AND revoked_ms = 0") != 0)
    rig_fail("a revoked branch still has a key in force");
}

static void a_new_invitation_starts_the_next_epoch_on_the_same_data(void)
{
  rig_stop(&node);
  must_be("invite", call(true, "invite", "hub", "--branch", "330127"), 0);
  snprintf(line, sizeof line, "%s", out);
  must_be("enroll again", call(false, "enroll", "node", "--invite", line), 0);
  if (!strstr(out, "epoch 2") || strstr(out, "password")) rig_fail("enrolling again said: %s", out);
  must_be("the command given again", call(false, "enroll", "node", "--invite", line), 0);
  if (!strstr(out, "already, epoch 2")) rig_fail("enrolling twice said: %s", out);
  must_be("used by another machine", call(false, "enroll", "thief", "--invite", line), 1);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_for("node", "is up", NOTICE_MS);
}

/* Commands beside a hub leave them to it; one that begins does not wait for the minute to be over. */
static void an_auditors_token_is_made_and_ended(void)
{
  must_be("a token", call(true, "log-token", "hub", "--for", "audit office"), 0);
  must_be("its end", call(true, "log-token", "hub", "--end", "audit office"), 0);
  if (!strstr(out, "the token of audit office is ended")) rig_fail("ending a token said: %s", out);
  must_be("its end again", call(true, "log-token", "hub", "--end", "audit office"), 1);
}

static void wait_event(const char *sql)
{
  for (int64_t begun = rig_now_us(); number("hub/store.db", sql) != 1; rig_sleep_ms(50))
    if (rig_now_us() - begun > NOTICE_MS * 1000LL) rig_fail("no event: %s", sql);
}

static void what_commands_did_is_in_the_trail(void)
{
  rig_stop(&hub);
  rig_start_hub(&rig, &hub);
  wait_event(BY_COMMAND "'invite' AND detail = '330122'");
  wait_event(BY_COMMAND "'invite_withdrawn' AND detail = '330122'");
  wait_event(BY_COMMAND "'log_token' AND detail LIKE 'audit office until 20__-__-__'");
  wait_event(BY_COMMAND "'log_token_ended' AND detail = 'audit office'");
}

/* Copied back from before the branch enrolled again: the words lead to an end. */
static void older_keys_that_were_put_back_lead_to_a_new_invitation(void)
{
  char keys[RIG_PATH_MAX], older[RIG_PATH_MAX], away[RIG_PATH_MAX];
  rig_stop(&node);
  if (rename(rig_path(&rig, "node/keys", keys), rig_path(&rig, "node.newer", away)) != 0 ||
      rename(rig_path(&rig, "node.older", older), keys) != 0)
    rig_fail("cannot put %s back", older);
  must_be("run with older keys", call(false, "run", "node", NULL, NULL), 1);
  if (!log_has("errors", "when that is refused with a new one"))
    rig_fail("no word leads from older keys to a new invitation");
  must_be("the same invitation", call(false, "enroll", "node", "--invite", line), 1);
  must_be("invite", call(true, "invite", "hub", "--branch", "330127"), 0);
  snprintf(line, sizeof line, "%s", out);
  must_be("a new one", call(false, "enroll", "node", "--invite", line), 0);
  if (!strstr(out, "epoch 3") || strstr(out, "password")) rig_fail("enrolling again said: %s", out);
  rig_start_node(&rig, &node, "node", hub.sync_port);
}

static void copy(const char *from, const char *to)
{
  char source[RIG_PATH_MAX], target[RIG_PATH_MAX], said[256];
  const char *const argv[] = {"/bin/cp", "-a", rig_path(&rig, from, source), rig_path(&rig, to, target),
                              NULL};
  must_be("cp", rig_run(said, sizeof said, argv), 0);
}

static void invite_and_enroll(const char *name, int wanted)
{
  must_be("invite", call(true, "invite", "hub", "--branch", "330122"), 0);
  snprintf(line, sizeof line, "%s", out);
  must_be("enroll", call(false, "enroll", name, "--invite", line), wanted);
}

/* Its disk went back to before the branch was enrolled: it would give the epoch that the branch is in. */
static void a_province_that_forgot_the_enrolment_lets_the_branch_go_on_in_its_directory(void)
{
  char here[RIG_PATH_MAX], away[RIG_PATH_MAX];
  rig_stop(&hub);
  copy("hub", "hub.before");
  rig_start_hub(&rig, &hub);
  invite_and_enroll("forgotten", 0);
  if (!strstr(out, "epoch 1")) rig_fail("the first enrolment said: %s", out);
  rig_stop(&hub);
  if (rename(rig_path(&rig, "hub", here), rig_path(&rig, "hub.newer", away)) != 0 ||
      rename(rig_path(&rig, "hub.before", away), here) != 0)
    rig_fail("cannot put %s back", away);
  rig_start_hub(&rig, &hub);
  invite_and_enroll("forgotten", 0);
  if (!strstr(out, "epoch 2")) rig_fail("enrolling again said: %s", out);
  struct program again = {0};
  rig_start_node(&rig, &again, "forgotten", hub.sync_port);
  wait_for("forgotten", "is up", NOTICE_MS);
  rig_stop(&again);
  rig_verify(&rig, false, "forgotten");
}

/* The invitation of one branch in the directory of another: it is good still. */
static void the_directory_of_another_branch_uses_up_no_invitation(void)
{
  invite_and_enroll("late", 1);
  if (!log_has("errors", "it was not used")) rig_fail("the word of another branch's directory is missing");
  must_be("its own directory", call(false, "enroll", "forgotten", "--invite", line), 0);
}

static void copy_keys(void)
{
  copy("node/keys", "node.older");
}

static void the_events_are_in_the_provinces_own_stream(void)
{
  for (int64_t begun = rig_now_us();
       number("hub/store.db", "SELECT count(*) FROM security_event WHERE kind = 'revoke'") != 1 ||
       number("hub/store.db", "SELECT count(*) FROM security_event WHERE kind = 'link'") == 0;
       rig_sleep_ms(50))
    if (rig_now_us() - begun > NOTICE_MS * 1000LL) rig_fail("no event tells of the revocation");
}

int main(void)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  an_unknown_option_is_usage_and_an_unknown_folder_is_refused();
  only_a_county_is_invited_and_only_once_the_line_serves();
  a_lost_answer_is_asked_for_again_with_the_same_key();
  who_asks_without_end_is_answered_eight_times_and_named_once();
  an_invitation_that_names_another_authority_is_not_answered();
  an_invitation_that_has_expired_lets_nobody_in();
  a_withdrawn_invitation_is_refused_by_name();
  the_provinces_time_is_kept_beside_the_keys();
  one_directory_has_one_program();
  a_revoked_branch_is_cut_within_a_second_and_stays_out();
  copy_keys();
  a_new_invitation_starts_the_next_epoch_on_the_same_data();
  the_events_are_in_the_provinces_own_stream();
  an_auditors_token_is_made_and_ended();
  what_commands_did_is_in_the_trail();
  older_keys_that_were_put_back_lead_to_a_new_invitation();
  rig_stop(&node);
  a_province_that_forgot_the_enrolment_lets_the_branch_go_on_in_its_directory();
  the_directory_of_another_branch_uses_up_no_invitation();
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  rig_close(&rig);
  printf("a branch was let in, put out, and let in again\n");
  return 0;
}
