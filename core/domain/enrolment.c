#include "core/domain/enrolment.h"

#include "core/domain/division.h"

#include <string.h>

enum { INVITE_SLACK_MS = 60 * 1000 };

/* Those that expire after valid_ms. */
static bool withdraw(struct tx *tx, uint32_t branch, int64_t valid_ms, int *count, struct err *err)
{
  struct query q = query_open(tx->db,
                              "UPDATE invite SET withdrawn_ms = ?2 WHERE branch = ?1 AND used_ms = 0"
                              " AND withdrawn_ms = 0 AND expires_ms > ?3",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, tx->now_ms);
  query_int(&q, 3, valid_ms);
  if (!query_run(&q)) return false;
  *count = (int)db_changes(tx->db);
  return true;
}

bool invite_withdraw(struct tx *tx, uint32_t branch, struct err *err)
{
  int count = 0;
  if (!division_county(tx->db, branch, "branch", err) || !withdraw(tx, branch, tx->now_ms, &count, err))
    return false;
  return count > 0 || err_rule(err, ERR_CONFLICT, "branch", "no_invite", "%u has no open invitation", branch);
}

/* Of the branch `code`; ?1 is now. */
#define OPEN_UNTIL(code)                                                                                     \
  "(SELECT i.expires_ms FROM invite i WHERE i.branch = " code " AND i.used_ms = 0 AND i.withdrawn_ms = 0"    \
  " AND i.expires_ms > ?1 AND i.made_ms <= ?1 + 60000 ORDER BY i.made_ms DESC LIMIT 1)"

bool invite_open_until(struct db *db, uint32_t branch, int64_t now_ms, int64_t *expires_ms, struct err *err)
{
  struct query q = query_open(db, "SELECT " OPEN_UNTIL("?2"), err);
  query_int(&q, 1, now_ms);
  query_int(&q, 2, branch);
  *expires_ms = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

bool invite_add(struct tx *tx, uint32_t branch, const uint8_t token[INVITE_TOKEN_SIZE], int64_t *expires_ms,
                struct err *err)
{
  uint8_t hash[HASH_SIZE];
  int earlier = 0;
  if (!division_county(tx->db, branch, "branch", err) || !withdraw(tx, branch, 0, &earlier, err))
    return false;
  sha256(hash, token, INVITE_TOKEN_SIZE);
  struct query q =
      query_open(tx->db,
                 "INSERT INTO invite(token_hash, branch, made_by, made_ms, expires_ms, used_ms, withdrawn_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, 0, 0)",
                 err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, branch);
  query_text(&q, 3, tx->actor);
  query_int(&q, 4, tx->now_ms);
  query_int(&q, 5, tx->now_ms + INVITE_LIFE_MS);
  if (!query_run(&q)) return false;
  *expires_ms = tx->now_ms + INVITE_LIFE_MS;
  return true;
}

bool invite_look(struct db *db, int64_t now_ms, const uint8_t token[INVITE_TOKEN_SIZE],
                 const uint8_t key[PUBLIC_SIZE], struct invite *out, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  sha256(hash, token, INVITE_TOKEN_SIZE);
  struct query q = query_open(db,
                              "SELECT branch, expires_ms, used_ms, withdrawn_ms, used_key, answers"
                              " FROM invite WHERE token_hash = ?1",
                              err);
  query_blob(&q, 1, hash, sizeof hash);
  bool found = query_row(&q), used = false, same_key = false;
  int64_t expires_ms = 0, withdrawn_ms = 0;
  if (found) {
    out->branch = (uint32_t)column_int(&q, 0);
    expires_ms = column_int(&q, 1);
    used = column_int(&q, 2) != 0;
    withdrawn_ms = column_int(&q, 3);
    size_t n = 0;
    const void *used_key = column_blob(&q, 4, &n);
    same_key = used && n == PUBLIC_SIZE && memcmp(used_key, key, PUBLIC_SIZE) == 0;
    out->answers = (int)column_int(&q, 5);
  }
  if (!query_close(&q)) return false;
  if (!found)
    return err_rule(err, ERR_DENIED, "invite", "unknown_invite", "the province gave no such invite");
  if (used && !same_key)
    return err_rule(err, ERR_DENIED, "invite", "used_invite", "the invite of branch %u has been used",
                    out->branch);
  if (withdrawn_ms)
    return err_rule(err, ERR_DENIED, "invite", "withdrawn_invite",
                    "the province has withdrawn this invite of branch %u", out->branch);
  /* One that was made in the future was made under a wrong clock: nobody knows when, so it has ended. */
  if (now_ms >= expires_ms || now_ms < expires_ms - INVITE_LIFE_MS - INVITE_SLACK_MS)
    return err_rule(err, ERR_DENIED, "invite", "expired_invite", "the invite of branch %u is no longer valid",
                    out->branch);
  if (out->answers < INVITE_ANSWERS_MAX) return true;
  return err_rule(err, ERR_LIMIT, "invite", "enrol_too_often",
                  "the invite of branch %u was answered %d times: a new one is needed", out->branch,
                  out->answers);
}

bool invite_use(struct tx *tx, const uint8_t token[INVITE_TOKEN_SIZE], const uint8_t key[PUBLIC_SIZE],
                struct invite *out, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  if (!invite_look(tx->db, tx->now_ms, token, key, out, err)) return false;
  sha256(hash, token, INVITE_TOKEN_SIZE);
  struct query q = query_open(tx->db,
                              "UPDATE invite SET used_ms = iif(used_ms, used_ms, ?2), used_key = ?3,"
                              " answers = answers + 1 WHERE token_hash = ?1",
                              err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, tx->now_ms);
  query_blob(&q, 3, key, PUBLIC_SIZE);
  return query_run(&q);
}

bool certificate_add(struct tx *tx, const char *serial, uint32_t branch, uint32_t epoch, int64_t until_ms,
                     struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "INSERT INTO certificate(serial, branch, epoch, since_ms, until_ms, revoked_ms, reason)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, 0, '')",
                 err);
  query_text(&q, 1, serial);
  query_int(&q, 2, branch);
  query_int(&q, 3, epoch);
  query_int(&q, 4, tx->now_ms);
  query_int(&q, 5, until_ms);
  return query_run(&q);
}

bool certificate_revoke(struct tx *tx, uint32_t branch, const char *reason, int *revoked, struct err *err)
{
  struct query q = query_open(
      tx->db, "UPDATE certificate SET revoked_ms = ?2, reason = ?3 WHERE branch = ?1 AND revoked_ms = 0",
      err);
  query_int(&q, 1, branch);
  query_int(&q, 2, tx->now_ms);
  query_text(&q, 3, reason);
  if (!query_run(&q)) return false;
  *revoked = (int)db_changes(tx->db);
  int invites = 0;
  return withdraw(tx, branch, 0, &invites, err);
}

bool certificate_check(struct db *db, const char *serial, int64_t now_ms, uint32_t *branch, uint32_t *epoch,
                       struct err *err)
{
  struct query q =
      query_open(db, "SELECT branch, epoch, until_ms, revoked_ms FROM certificate WHERE serial = ?1", err);
  query_text(&q, 1, serial);
  bool found = query_row(&q);
  int64_t code = 0, at_epoch = 0, until_ms = 0, revoked_ms = 0;
  if (found) {
    code = column_int(&q, 0);
    at_epoch = column_int(&q, 1);
    until_ms = column_int(&q, 2);
    revoked_ms = column_int(&q, 3);
  }
  if (!query_close(&q)) return false;
  if (!found)
    return err_rule(err, ERR_DENIED, "certificate", "unknown_certificate",
                    "the province gave no certificate %.64s", serial);
  if (revoked_ms)
    return err_rule(err, ERR_DENIED, "certificate", "revoked", "the certificate %.64s of %lld is revoked",
                    serial, (long long)code);
  if (now_ms > until_ms)
    return err_rule(err, ERR_DENIED, "certificate", "expired", "the certificate %.64s of %lld has expired",
                    serial, (long long)code);
  *branch = (uint32_t)code;
  *epoch = (uint32_t)at_epoch;
  return true;
}

static bool renewals_left(struct tx *tx, uint32_t branch, struct err *err)
{
  const int64_t day_ms = INT64_C(24) * 3600 * 1000;
  struct query q = query_open(
      tx->db, "SELECT count(*) FROM certificate WHERE branch = ?1 AND since_ms > ?2 AND since_ms <= ?3", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, tx->now_ms - day_ms);
  query_int(&q, 3, tx->now_ms);
  int64_t issued = query_row(&q) ? column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  if (issued < CERTIFICATES_A_DAY) return true;
  return err_rule(err, ERR_LIMIT, "certificate", "renew_too_often",
                  "branch %u was given %lld certificates within a day", branch, (long long)issued);
}

bool certificate_renew(struct tx *tx, const char *serial, const char *fresh, int64_t until_ms,
                       struct err *err)
{
  uint32_t branch = 0, epoch = 0;
  if (!certificate_check(tx->db, serial, tx->now_ms, &branch, &epoch, err) || !renewals_left(tx, branch, err))
    return false;
  struct query q = query_open(tx->db,
                              "UPDATE certificate SET revoked_ms = ?3, reason = 'replaced before it was used'"
                              " WHERE branch = ?1 AND revoked_ms = 0 AND serial <> ?2"
                              " AND since_ms > (SELECT since_ms FROM certificate WHERE serial = ?2)",
                              err);
  query_int(&q, 1, branch);
  query_text(&q, 2, serial);
  query_int(&q, 3, tx->now_ms);
  return query_run(&q) && certificate_add(tx, fresh, branch, epoch, until_ms, err);
}

bool certificate_has_older(struct db *db, const char *serial, bool *older, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT 1 FROM certificate AS used JOIN certificate AS old"
                              " ON old.branch = used.branch AND old.since_ms < used.since_ms"
                              " WHERE used.serial = ?1 AND old.revoked_ms = 0 LIMIT 1",
                              err);
  query_text(&q, 1, serial);
  *older = query_row(&q);
  return query_close(&q);
}

bool certificate_used(struct tx *tx, const char *serial, struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "UPDATE certificate SET revoked_ms = ?2, reason = 'renewed' WHERE revoked_ms = 0"
                 " AND branch = (SELECT branch FROM certificate WHERE serial = ?1)"
                 " AND since_ms < (SELECT since_ms FROM certificate WHERE serial = ?1)",
                 err);
  query_text(&q, 1, serial);
  query_int(&q, 2, tx->now_ms);
  return query_run(&q);
}

bool branch_contact_enrolled(struct tx *tx, uint32_t branch, uint32_t epoch, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "INSERT INTO branch_contact(branch, enrolled_ms, epoch, connected, since_ms, last_contact_ms, pending,"
      " oldest_pending_ms, refused, skew_ms, version, schema, seq, reason)"
      " VALUES(?1, ?2, ?3, 0, ?2, 0, 0, 0, 0, 0, '', 0, 0, '')"
      " ON CONFLICT(branch) DO UPDATE SET enrolled_ms = ?2, epoch = ?3, reason = ''",
      err);
  query_int(&q, 1, branch);
  query_int(&q, 2, tx->now_ms);
  query_int(&q, 3, epoch);
  return query_run(&q);
}

bool branch_contact_heard(struct tx *tx, const struct branch_fact *fact, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "INSERT INTO branch_contact(branch, enrolled_ms, epoch, connected, since_ms, last_contact_ms, pending,"
      " oldest_pending_ms, refused, skew_ms, version, schema, seq, reason)"
      " VALUES(?1, ?2, ?3, 1, ?2, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT(branch) DO UPDATE SET"
      " (epoch, since_ms, connected, last_contact_ms, pending, oldest_pending_ms, refused, skew_ms, version, "
      "schema, seq,"
      " reason) = (?3, iif(connected, since_ms, ?2), 1, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      err);
  query_int(&q, 1, fact->branch);
  query_int(&q, 2, tx->now_ms);
  query_int(&q, 3, fact->epoch);
  query_int(&q, 4, fact->pending);
  query_int(&q, 5, fact->oldest_pending_ms);
  query_int(&q, 6, fact->refused);
  query_int(&q, 7, fact->skew_ms);
  query_text(&q, 8, fact->version ? fact->version : "");
  query_int(&q, 9, fact->schema);
  query_int(&q, 10, fact->seq);
  query_text(&q, 11, fact->reason ? fact->reason : "");
  return query_run(&q);
}

bool branch_contact_lost(struct tx *tx, uint32_t branch, struct err *err)
{
  struct query q = query_open(
      tx->db, "UPDATE branch_contact SET connected = 0, since_ms = ?2 WHERE branch = ?1 AND connected = 1",
      err);
  query_int(&q, 1, branch);
  query_int(&q, 2, tx->now_ms);
  return query_run(&q);
}

bool branch_contact_epoch(struct db *db, uint32_t branch, int64_t *epoch, struct err *err)
{
  struct query q = query_open(db, "SELECT epoch FROM branch_contact WHERE branch = ?1", err);
  query_int(&q, 1, branch);
  *epoch = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

bool branch_contact_reason(struct tx *tx, uint32_t branch, const char *reason, struct err *err)
{
  struct query q = query_open(tx->db, "UPDATE branch_contact SET reason = ?2 WHERE branch = ?1", err);
  query_int(&q, 1, branch);
  query_text(&q, 2, reason);
  return query_run(&q);
}

/* After a stop nobody knows when the line went: the last contact is the last that was known. */
bool branch_contact_reset(struct tx *tx, struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "UPDATE branch_contact SET connected = 0, since_ms = max(since_ms, last_contact_ms)"
                 " WHERE connected = 1 /* scan: meant, one row a branch, once at start */",
                 err);
  return query_run(&q);
}

bool branch_clocks(struct db *db, int64_t *ahead_ms, bool *agree, struct err *err)
{
  struct query q = query_open(
      db,
      "WITH n AS (SELECT skew_ms FROM branch_contact WHERE connected = 1), m AS (SELECT skew_ms FROM n"
      " ORDER BY skew_ms LIMIT 1 OFFSET (SELECT count(*) / 2 FROM n)) SELECT m.skew_ms,"
      " (SELECT count(*) FROM n), (SELECT count(*) FROM n WHERE abs(n.skew_ms - m.skew_ms) <= 300000)"
      " FROM m /* scan: meant, one row a branch */",
      err);
  *agree = false;
  if (query_row(&q)) {
    *ahead_ms = column_int(&q, 0);
    *agree = column_int(&q, 1) >= 3 && column_int(&q, 2) * 3 >= column_int(&q, 1) * 2;
  }
  return query_close(&q);
}

bool branch_clocks_before(struct db *db, int64_t *wall_ms, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT last_contact_ms + skew_ms FROM branch_contact WHERE last_contact_ms > 0"
                              " ORDER BY 1 DESC LIMIT 1 OFFSET 2 /* scan: meant, one row a branch */",
                              err);
  *wall_ms = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

bool branch_list(struct db *db, int64_t now_ms, void (*each)(void *ctx, const struct branch_state *row),
                 void *ctx, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT d.code, d.name_zh, d.name_en, d.prefecture_code, c.branch IS NOT NULL,"
      " iif(EXISTS (SELECT 1 FROM certificate k WHERE k.branch = d.code AND k.revoked_ms = 0), 0,"
      " (SELECT k.revoked_ms FROM certificate k WHERE k.branch = d.code ORDER BY k.since_ms DESC LIMIT 1)),"
      " c.connected, c.enrolled_ms, c.since_ms, c.last_contact_ms,"
      " " OPEN_UNTIL(
          "d.code") ","
                    " (SELECT k.until_ms FROM certificate k WHERE k.branch = d.code AND k.revoked_ms = 0"
                    " ORDER BY k.since_ms DESC LIMIT 1), c.pending, c.oldest_pending_ms, c.refused, "
                    "c.skew_ms, c.seq, "
                    "c.epoch,"
                    " c.schema, c.version, c.reason FROM division d LEFT JOIN branch_contact c ON c.branch = "
                    "d.code"
                    " WHERE d.level = 'county' ORDER BY d.code /* scan: meant, the board shows every county "
                    "*/",
      err);
  query_int(&q, 1, now_ms);
  while (query_row(&q)) {
    struct branch_state row = {.code = (uint32_t)column_int(&q, 0),
                               .name_zh = column_text(&q, 1),
                               .name_en = column_text(&q, 2),
                               .prefecture_code = (uint32_t)column_int(&q, 3),
                               .enrolled = column_int(&q, 4) != 0 && column_int(&q, 5) == 0,
                               .revoked = column_int(&q, 5) != 0,
                               .connected = column_int(&q, 6) != 0,
                               .enrolled_ms = column_int(&q, 7),
                               .since_ms = column_int(&q, 8),
                               .last_contact_ms = column_int(&q, 9),
                               .invited = !column_null(&q, 10),
                               .invite_expires_ms = column_int(&q, 10),
                               .certificate_until_ms = column_int(&q, 11),
                               .pending = column_int(&q, 12),
                               .oldest_pending_ms = column_int(&q, 13),
                               .refused = column_int(&q, 14),
                               .skew_ms = column_int(&q, 15),
                               .seq = column_int(&q, 16),
                               .epoch = (uint32_t)column_int(&q, 17),
                               .schema = (int)column_int(&q, 18),
                               .version = column_text(&q, 19),
                               .reason = column_text(&q, 20)};
    each(ctx, &row);
  }
  return query_close(&q);
}
