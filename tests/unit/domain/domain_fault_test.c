/* Every step of every reading and writing goes wrong once: whoever asked is told, and not given half. */
#include "fixture.h"
#include "ruled.h"

#include "core/domain/account.h"
#include "core/domain/catalogue.h"
#include "core/domain/confirmation.h"
#include "core/domain/contact.h"
#include "core/domain/division.h"
#include "core/domain/enrolment.h"
#include "core/domain/evaluation.h"
#include "core/domain/idempotency.h"
#include "core/domain/lockout.h"
#include "core/domain/login.h"
#include "core/domain/price.h"
#include "core/domain/price_doubt.h"
#include "core/domain/price_stat.h"
#include "core/domain/product.h"
#include "core/domain/proposal.h"
#include "core/domain/proposal_talk.h"
#include "core/domain/refusal.h"
#include "core/domain/review.h"
#include "core/domain/score.h"
#include "core/domain/security_event.h"
#include "core/domain/similar.h"
#include "core/domain/supplier.h"
#include "core/domain/withhold.h"
#include "tests/fault/fault_statement.h"

enum { TODAY = 20261124 };

static struct fixture f;
static int64_t fish, supplier, channel, price, doubted, rating, proposal, request, refused;
static struct one_time first;
static char token[SESSION_TOKEN_SIZE];
static const uint8_t invite[INVITE_TOKEN_SIZE] = {7};

/* ---- what there is ---- */

static int64_t observe(int64_t fen)
{
  struct err err = ERR_INIT;
  struct written out;
  struct price_new in = {
      .product = fish, .supplier = supplier, .price_fen = fen, .source = "settled", .observed_date = TODAY};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(price_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  return out.id;
}

static int64_t rate(void)
{
  struct err err = ERR_INIT;
  struct written out;
  struct evaluation_new in = {.product = fish, .supplier = supplier, .quality = 5, .price = 4, .delivery = 3};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(evaluation_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  return out.id;
}

static int64_t propose(void)
{
  struct err err = ERR_INIT;
  struct written out;
  json_t *patch = json_pack("{ss}", "storage", "chilled");
  const struct proposal_new in = {
      .kind = "correction", .target = fish, .base_rev = 1, .patch = patch, .reason = "why"};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(proposal_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  json_decref(patch);
  return out.id;
}

static void let_in(void)
{
  struct err err = ERR_INIT;
  struct login login;
  struct login_tokens tokens;
  assert_ok(one_time_make(&first, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(account_add(&tx, SITE_NODE, "clerk", "staff", first.hash, &err), &err);
  commit(&f);
  assert_ok(login_begin(&login, f.db, "clerk", &(struct login_from){"10.0.0.1", "", ""}, f.now_ms, &err),
            &err);
  login_verify(&login, first.password);
  tx = begin_as(&f, CHUNAN, "clerk");
  assert_ok(login_finish(&tx, &login, &tokens, &err), &err);
  commit(&f);
  memcpy(token, tokens.session, sizeof token);
}

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fault_statement_install();
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  supplier = add_supplier(&f, "91330100716105852F", "供应商甲");
  json_t *fields =
      json_pack("{sI sI ss}", "product", (json_int_t)fish, "supplier", (json_int_t)supplier, "way", "direct");
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(item_add(&tx, ITEM_CHANNEL, fields, &channel, NULL, &err), &err);
  commit(&f);
  json_decref(fields);
  price = observe(900);
  doubted = observe(901);
  assert_ok(db_exec(f.db, "UPDATE price SET outlier = 1, note = 'for a feast' WHERE price_fen = 901", &err),
            &err);
  rating = rate();
  proposal = propose();
  let_in();
  tx = begin_as(&f, HUB, "curator");
  assert_ok(price_doubt_add(&tx, CHUNAN, doubted, 500, 4, &err), &err);
  commit(&f);
  const struct withhold_request wish = {
      .author = CHUNAN, .seq = 7, .rule = "pipl_47", .reason = "the grower asked for it", .actor = ""};
  tx = begin_as(&f, HUB, "curator");
  assert_ok(withhold_ask(&tx, &wish, &request, &err), &err);
  commit(&f);
  tx = begin_as(&f, HUB, "curator");
  assert_ok(refusal_add(&tx, CHUNAN, "entry", id_of(1, 1, 0), "row_differs", "{}", &err), &err);
  commit(&f);
  refused = number_of(&f, "SELECT max(id) FROM refusal");
  tx = begin_as(&f, HUB, "curator");
  int64_t expires_ms;
  assert_ok(invite_add(&tx, 330122, invite, &expires_ms, &err), &err);
  assert_ok(certificate_add(&tx, "5e", CHUNAN, 1, f.now_ms + 1000000, &err), &err);
  commit(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

/* ---- each step wrong once ---- */

typedef bool work_fn(struct tx *tx, struct err *err);

static void each_step(const char *name, const char *actor, uint32_t author, work_fn *work)
{
  for (int n = 1, hit = 1; hit; n++) {
    struct err err = ERR_INIT;
    struct tx tx = begin_as(&f, author, actor);
    fault_statement_arm(n);
    bool ok = work(&tx, &err);
    hit = fault_statement_disarm();
    back(&f);
    if (ok == (bool)hit)
      fail_msg("%s: %s when statement %d went wrong (%s)", name, ok ? "goes on" : "fails", hit ? n : 0,
               err.text);
    if (hit) assert_int_equal(err.kind, ERR_IO);
    assert_true(n < 3000);
  }
}

#define NO_ROW(name, type)                                                                                   \
  static void name(void *ctx, const struct type *row)                                                        \
  {                                                                                                          \
    (void)ctx;                                                                                               \
    (void)row;                                                                                               \
  }
NO_ROW(no_account, account)
NO_ROW(no_session, session_row)
NO_ROW(no_price, price_row)
NO_ROW(no_rating, evaluation_row)
NO_ROW(no_product, product)
NO_ROW(no_confirmation, confirmation)
NO_ROW(no_supplier, supplier)
NO_ROW(no_channel, channel)
NO_ROW(no_revision, revision)
NO_ROW(no_proposal, proposal_row)
NO_ROW(no_talk, proposal_said)
NO_ROW(no_mend, proposal_mend)
NO_ROW(no_review, review)
NO_ROW(no_field, review_field)
NO_ROW(no_refusal, refusal)
NO_ROW(no_doubt, price_doubt)
NO_ROW(no_period, price_period)
NO_ROW(no_county, price_county)
NO_ROW(no_similar, similar)
NO_ROW(no_request, withhold_request)
NO_ROW(no_event, security_event)
NO_ROW(no_contact, contact)
NO_ROW(no_branch, branch_state)
NO_ROW(no_division, division)

#define STEP(name, call)                                                                                     \
  static bool name(struct tx *tx, struct err *err)                                                           \
  {                                                                                                          \
    (void)tx;                                                                                                \
    return call;                                                                                             \
  }

static struct written written;
static int64_t id, number;
static int count;
static bool found;

/* Prices and ratings. */
static const struct price_new a_price = {
    .price_fen = 950, .source = "quoted", .observed_date = TODAY, .note = "n", .ask_repeat = true};
static const struct evaluation_new a_rating = {.quality = 5, .price = 4, .delivery = 3};
static struct price_new of_fish(int64_t replaces)
{
  struct price_new in = a_price;
  in.product = fish;
  in.supplier = supplier;
  in.replaces = replaces;
  return in;
}
static bool add_price(struct tx *tx, struct err *err)
{
  const struct price_new in = of_fish(0), correction = of_fish(price);
  return price_add(tx, &in, &written, NULL, err) && price_add(tx, &correction, &written, NULL, err);
}
static bool check_price(struct tx *tx, struct err *err)
{
  const struct price_new in = of_fish(0);
  struct price_same same;
  struct price_against against;
  struct check check = {.err = err};
  return price_held_against(tx->db, CHUNAN, TODAY, &in, &against, err) &&
         price_check(tx->db, CHUNAN, TODAY, &in, &against, &check, err) &&
         price_find_same(tx->db, CHUNAN, &in, &found, &same, err);
}
static bool list_prices(struct tx *tx, struct err *err)
{
  for (int way = 0; way < 20; way++) {
    struct bookmark next;
    const struct price_filter filter = {.branch = way & 1 ? CHUNAN : 0,
                                        .product = way & 2 ? fish : 0,
                                        .order = (enum price_order)(way / 4),
                                        .today = TODAY,
                                        .page = {.limit = 2, .next = &next}};
    if (!price_list(tx->db, &filter, no_price, NULL, &number, err)) return false;
  }
  return true;
}
STEP(void_price, price_void(tx, price, "wrong", &written, err))
STEP(get_price, price_get(tx->db, CHUNAN, price, no_price, NULL, err) &&
                    price_latest(tx->db, CHUNAN, fish, TODAY, &number, &count, err))
static bool add_rating(struct tx *tx, struct err *err)
{
  struct evaluation_new in = a_rating;
  in.product = fish;
  in.supplier = supplier;
  in.replaces = rating;
  return evaluation_add(tx, &in, &written, NULL, err);
}
static bool list_ratings(struct tx *tx, struct err *err)
{
  for (int way = 0; way < 16; way++) {
    struct bookmark next;
    const struct evaluation_filter filter = {.branch = way & 1 ? CHUNAN : 0,
                                             .product = way & 2 ? fish : 0,
                                             .order = (enum evaluation_order)(way / 4),
                                             .now_ms = f.now_ms,
                                             .page = {.limit = 2, .next = &next}};
    if (!evaluation_list(tx->db, &filter, no_rating, NULL, &number, err)) return false;
  }
  return true;
}
STEP(void_rating, evaluation_void(tx, rating, "wrong", &written, err))
STEP(get_rating, evaluation_get(tx->db, CHUNAN, rating, no_rating, NULL, err))
STEP(list_doubts, price_doubt_list(tx->db, no_doubt, NULL, &number, err))
STEP(accept_doubt, price_doubt_answer(tx, CHUNAN, doubted, true, NULL, err))
STEP(refuse_doubt, price_doubt_answer(tx, CHUNAN, doubted, false, "not so", err))
STEP(list_periods, price_periods(tx->db, CHUNAN, fish, 20261001, TODAY, no_period, NULL, err))
static bool compare_prices(struct tx *tx, struct err *err)
{
  struct price_province province;
  return price_compare(tx->db, fish, 20261001, TODAY, &province, no_county, NULL, err);
}
/* At nine times the median, one of them explained. */
static bool rule_prices(struct tx *tx, struct err *err)
{
  int doubts;
  char sql[200];
  snprintf(sql, sizeof sql,
           "INSERT INTO product_score(product, count, branches, prefectures, median_fen, at_ms)"
           " VALUES(%lld, 0, 9, 3, 100, 0)",
           (long long)fish);
  return db_exec(tx->db, sql, err) && rule_acts(tx, CHUNAN, TODAY, PRICE_RULE_REFUSE, &count, err) &&
         rule_acts(tx, CHUNAN, TODAY, PRICE_RULE_DOUBT, &doubts, err);
}

static void prices_and_ratings(void **state)
{
  (void)state;
  each_step("add_price", "officer", CHUNAN, add_price);
  each_step("check_price", "officer", CHUNAN, check_price);
  each_step("list_prices", "officer", CHUNAN, list_prices);
  each_step("void_price", "officer", CHUNAN, void_price);
  each_step("get_price", "officer", CHUNAN, get_price);
  each_step("add_rating", "officer", CHUNAN, add_rating);
  each_step("list_ratings", "officer", CHUNAN, list_ratings);
  each_step("void_rating", "officer", CHUNAN, void_rating);
  each_step("get_rating", "officer", CHUNAN, get_rating);
  each_step("list_doubts", "curator", HUB, list_doubts);
  each_step("accept_doubt", "curator", HUB, accept_doubt);
  each_step("refuse_doubt", "curator", HUB, refuse_doubt);
  each_step("list_periods", "officer", CHUNAN, list_periods);
  each_step("compare_prices", "curator", HUB, compare_prices);
  each_step("rule_prices", "curator", HUB, rule_prices);
}

/* The catalogue. */
static bool open_catalogue(struct tx *tx, struct err *err)
{
  struct catalogue *catalogue = NULL;
  if (!catalogue_open(&catalogue, tx->db, CHUNAN, TODAY, err)) return false;
  catalogue_close(catalogue);
  return true;
}
static bool with_fields(struct tx *tx, enum item_kind kind, int64_t changed, json_t *fields, struct err *err)
{
  bool ok = changed ? item_change(tx, kind, changed, 1, fields, &number, NULL, err)
                    : item_add(tx, kind, fields, &id, NULL, err);
  json_decref(fields);
  return ok;
}
STEP(add_product,
     with_fields(tx, ITEM_PRODUCT, 0,
                 json_pack("{ss ss ss si ss ss s[{ss si si}]}", "name_zh", "新品", "name_pinyin", "xin pin",
                           "group", "produce", "origin_code", CHUNAN, "unit", "kg", "storage", "ambient",
                           "seasons", "kind", "open", "start_md", 101, "end_md", 1231),
                 err))
STEP(change_product, with_fields(tx, ITEM_PRODUCT, fish,
                                 json_pack("{ss ss s[{ss si si}]}", "name_zh", "改名", "storage", "chilled",
                                           "seasons", "kind", "open", "start_md", 101, "end_md", 1231),
                                 err))
STEP(add_a_supplier, with_fields(tx, ITEM_SUPPLIER, 0,
                                 json_pack("{ss ss si}", "uscc", "91110000802100433B", "name", "供应商乙",
                                           "division", 330903),
                                 err))
STEP(change_channel, with_fields(tx, ITEM_CHANNEL, channel, json_pack("{ss}", "way", "market"), err))
STEP(remove_channel, channel_remove(tx, channel, 1, err))
STEP(read_history, item_history(tx->db, ITEM_PRODUCT, fish, 0, no_revision, NULL, err))
STEP(read_product, product_get(tx->db, fish, no_product, NULL, err) &&
                       confirmation_list(tx->db, fish, no_confirmation, NULL, err))
STEP(confirm, confirmation_add(tx, fish, 1, "seen", &id, err) && confirmation_publish(tx, 100, &count, err))
STEP(read_suppliers, supplier_get(tx->db, supplier, no_supplier, NULL, err) &&
                         channel_list(tx->db, fish, 0, no_channel, NULL, err) &&
                         channel_list(tx->db, 0, supplier, no_channel, NULL, err))
static bool list_suppliers(struct tx *tx, struct err *err)
{
  const struct supplier_filter filter = {.text = "供应商"};
  return supplier_list(tx->db, &filter, no_supplier, NULL, &number, err);
}
static bool find_similar(struct tx *tx, struct err *err)
{
  json_t *fields = json_pack("{ss si}", "name_zh", "带鱼", "origin_code", CHUNAN);
  bool ok = similar_list(tx->db, ITEM_PRODUCT, fields, no_similar, NULL, err);
  json_decref(fields);
  fields = json_pack("{ss ss}", "name", "供应商", "uscc", "91110000802100433B");
  ok = ok && similar_list(tx->db, ITEM_SUPPLIER, fields, no_similar, NULL, err);
  json_decref(fields);
  return ok;
}
STEP(read_divisions, division_list(tx->db, no_division, NULL, err) &&
                         division_get(tx->db, CHUNAN, no_division, NULL, err) &&
                         division_county(tx->db, CHUNAN, "branch", err))
static bool score_all(struct tx *tx, struct err *err)
{
  struct score_work *work = NULL;
  struct product_score score;
  if (!score_due(tx->db, TODAY, &found, err) || !score_open(&work, tx->db, TODAY, err)) return false;
  bool ok = true;
  while (ok && score_left(work))
    ok = score_write(tx, work, err);
  ok = ok && score_published(tx, work, err) && score_product(tx->db, fish, &score, &found, err) &&
       score_forget(tx, err);
  score_close(work);
  return ok;
}

static void the_catalogue(void **state)
{
  (void)state;
  each_step("open_catalogue", "officer", CHUNAN, open_catalogue);
  each_step("add_product", "curator", HUB, add_product);
  each_step("change_product", "curator", HUB, change_product);
  each_step("add_a_supplier", "curator", HUB, add_a_supplier);
  each_step("change_channel", "curator", HUB, change_channel);
  each_step("remove_channel", "curator", HUB, remove_channel);
  each_step("read_history", "curator", HUB, read_history);
  each_step("read_product", "curator", HUB, read_product);
  each_step("confirm", "officer", CHUNAN, confirm);
  each_step("read_suppliers", "officer", CHUNAN, read_suppliers);
  each_step("list_suppliers", "officer", CHUNAN, list_suppliers);
  each_step("find_similar", "officer", CHUNAN, find_similar);
  each_step("read_divisions", "officer", CHUNAN, read_divisions);
  each_step("score_all", "system", HUB, score_all);
}

/* Proposals, refusals and what is withheld. */
STEP(ask_about, proposal_ask(tx, CHUNAN, proposal, "which batch?", err))
STEP(withdraw, proposal_withdraw(tx, proposal, "no longer", err))
static bool list_proposals(struct tx *tx, struct err *err)
{
  for (int way = 0; way < 30; way++) {
    struct bookmark next;
    const struct proposal_filter filter = {.branch = way & 1 ? CHUNAN : 0,
                                           .state = (enum proposal_state)(way / 2 % 5),
                                           .order = (enum proposal_order)(way / 10),
                                           .page = {.limit = 2, .next = &next}};
    if (!proposal_list(tx->db, &filter, no_proposal, NULL, &number, err)) return false;
  }
  return proposal_get(tx->db, CHUNAN, proposal, no_proposal, NULL, err) &&
         proposal_talk(tx->db, CHUNAN, proposal, no_talk, NULL, err) &&
         proposal_said_count(tx->db, CHUNAN, proposal, &number, err) &&
         proposal_mends(tx->db, CHUNAN, proposal, no_mend, NULL, err);
}
static bool propose_more(struct tx *tx, struct err *err)
{
  json_t *patch = json_pack("{ss}", "storage", "live");
  const struct proposal_new in = {
      .kind = "correction", .target = fish, .base_rev = 1, .patch = patch, .reason = "why"};
  bool ok = proposal_add(tx, &in, &written, NULL, err);
  json_decref(patch);
  return ok;
}
STEP(read_review, review_get(tx->db, CHUNAN, proposal, no_review, no_field, NULL, err))
static bool decide(struct tx *tx, const char *word, const char *reason, struct err *err)
{
  json_t *fields = json_pack("{ss}", "storage", word);
  const struct verdict in = {
      .branch = CHUNAN, .proposal = proposal, .fields = fields, .rev = 1, .reason = reason};
  bool ok = review_decide(tx, &in, &id, NULL, err);
  json_decref(fields);
  return ok;
}
STEP(take_it, decide(tx, "accepted", "", err))
STEP(reject_it, decide(tx, "rejected", "not so", err))
static bool ask_refused(struct db *db, struct err *err)
{
  struct refusal_word word;
  bool is = false;
  return refusal_of(db, CHUNAN, "price", price, &is, &word, err);
}
STEP(list_refusals, refusal_list(tx->db, CHUNAN, REFUSAL_OPEN, REFUSALS_ALL, no_refusal, NULL, err) &&
                        refusal_list(tx->db, CHUNAN, REFUSAL_SETTLED, 20, no_refusal, NULL, err) &&
                        refusal_count(tx->db, CHUNAN, &number, err) && ask_refused(tx->db, err))
STEP(handle_refusal, refusal_handle(tx, refused, "telephoned", "10.0.0.1", err))
STEP(withhold, withhold_reply(tx, request, "withheld", "", err))
STEP(decline, withhold_reply(tx, request, "declined", "no ground", err))
STEP(list_requests, withhold_get(tx->db, request, no_request, NULL, err) &&
                        withhold_list(tx->db, CHUNAN, 0, 7, true, no_request, NULL, err) &&
                        withhold_list(tx->db, 0, 0, 0, false, no_request, NULL, err))

static void proposals_and_refusals(void **state)
{
  (void)state;
  each_step("propose_more", "officer", CHUNAN, propose_more);
  each_step("ask_about", "curator", HUB, ask_about);
  each_step("withdraw", "officer", CHUNAN, withdraw);
  each_step("list_proposals", "curator", HUB, list_proposals);
  each_step("read_review", "curator", HUB, read_review);
  each_step("take_it", "curator", HUB, take_it);
  each_step("reject_it", "curator", HUB, reject_it);
  each_step("list_refusals", "officer", CHUNAN, list_refusals);
  each_step("handle_refusal", "officer", CHUNAN, handle_refusal);
  each_step("withhold", "chief", HUB, withhold);
  each_step("decline", "chief", HUB, decline);
  each_step("list_requests", "chief", HUB, list_requests);
}

/* Accounts, certificates and what is kept of both. */
static bool log_in(struct tx *tx, struct err *err)
{
  struct login login;
  struct login_tokens tokens;
  if (!login_begin(&login, tx->db, "clerk", &(struct login_from){"10.0.0.2", token, ""}, tx->now_ms, err))
    return false;
  login.right = login.known;
  return login_finish(tx, &login, &tokens, err);
}
static bool mistype(struct tx *tx, struct err *err)
{
  struct login login;
  struct login_tokens tokens;
  return login_begin(&login, tx->db, "clerk", &(struct login_from){"10.0.0.2", "", ""}, tx->now_ms, err) &&
         login_finish(tx, &login, &tokens, err);
}
static const bool disabled = true;
STEP(change_account, account_change(tx, SITE_NODE, "clerk", "officer", &disabled, err))
STEP(change_password, account_set_password(tx, "clerk", first.hash, false, token, err))
static bool read_accounts(struct tx *tx, struct err *err)
{
  char hash[PASSWORD_HASH_SIZE];
  struct session session;
  return account_list(tx->db, tx->now_ms, no_account, NULL, err) &&
         account_hash(tx->db, "clerk", hash, err) && session_get(&session, tx->db, token, tx->now_ms, err) &&
         session_list(tx->db, "clerk", token, tx->now_ms, no_session, NULL, err);
}
STEP(end_sessions, session_touch(tx, token, err) && session_remove(tx, token, err) &&
                       session_remove_all(tx, "clerk", NULL, err) && login_sweep(tx, err))
STEP(lift_locks, lockout_fail(tx, &lockout_password, "clerk", &number, err) &&
                     lockout_forgive(tx, &lockout_password, "clerk", err) &&
                     lockout_seen(tx, "10.0.0.3", "clerk", &found, err) &&
                     lockout_lift(tx, "clerk", &count, err) && lockout_sweep(tx, err))
static bool keep_events(struct tx *tx, struct err *err)
{
  const struct security_filter filter = {.branch = CHUNAN, .page = {.limit = 3}},
                               all = {.now_ms = tx->now_ms};
  for (int i = 0; i < SECURITY_ROWS_PEER + 2; i++)
    if (!security_event_add(tx, "login", "x", "d", "10.0.0.9", err)) return false;
  return security_event_leave(tx, "account_reset", "clerk", err) &&
         security_event_due(tx->db, tx->now_ms + SECURITY_WINDOW_MS, &found, err) &&
         security_event_flush(tx, err) &&
         security_event_list(tx->db, &filter, no_event, NULL, &number, err) &&
         security_event_list(tx->db, &all, no_event, NULL, &number, err);
}
static bool answer_twice(struct tx *tx, struct err *err)
{
  static const uint8_t one[HASH_SIZE] = {1};
  struct buf out = BUF_INIT;
  bool ok = idempotency_add(tx, "officer", "0123-4567", one, 201, "{}", 2, err) &&
            idempotency_get(tx->db, "officer", "0123-4567", one, &found, &count, &out, err);
  buf_wipe(&out);
  return ok;
}
static bool enrol(struct tx *tx, struct err *err)
{
  static const uint8_t key[PUBLIC_SIZE] = {3};
  struct invite used = {0};
  return invite_look(tx->db, tx->now_ms, invite, key, &used, err) &&
         invite_use(tx, invite, key, &used, err) &&
         certificate_add(tx, "5f", used.branch, 1, tx->now_ms + 1000, err) &&
         branch_contact_enrolled(tx, used.branch, 1, err);
}
static bool renew(struct tx *tx, struct err *err)
{
  uint32_t branch = 0, epoch = 0;
  return certificate_check(tx->db, "5e", tx->now_ms, &branch, &epoch, err) &&
         certificate_renew(tx, "5e", "60", tx->now_ms + 1000, err) &&
         certificate_has_older(tx->db, "60", &found, err) && certificate_used(tx, "60", err) &&
         certificate_revoke(tx, CHUNAN, "stolen", &count, err);
}
static bool hear(struct tx *tx, struct err *err)
{
  const struct branch_fact fact = {
      .branch = CHUNAN, .epoch = 1, .seq = 3, .schema = 1, .version = "1.0.0", .reason = ""};
  return branch_contact_heard(tx, &fact, err) && branch_contact_reason(tx, CHUNAN, "disk_full", err) &&
         branch_contact_lost(tx, CHUNAN, err) && branch_contact_reset(tx, err) &&
         branch_clocks(tx->db, &number, &found, err) && branch_clocks_before(tx->db, &number, err) &&
         branch_list(tx->db, tx->now_ms, no_branch, NULL, err);
}
static bool keep_contacts(struct tx *tx, struct err *err)
{
  const struct contact one = {.kind = "sync", .at_ms = tx->now_ms, .detail = ""};
  struct buf out = BUF_INIT;
  bool ok = contact_add(tx, &one, err) && contact_list(tx->db, 5, no_contact, NULL, err) &&
            setting_set(tx, "k", "v", err) && setting_get(tx->db, "k", "", &out, err);
  buf_wipe(&out);
  return ok;
}

static void accounts_and_branches(void **state)
{
  (void)state;
  each_step("log_in", "clerk", CHUNAN, log_in);
  each_step("mistype", "clerk", CHUNAN, mistype);
  each_step("change_account", "admin", CHUNAN, change_account);
  each_step("change_password", "clerk", CHUNAN, change_password);
  each_step("read_accounts", "admin", CHUNAN, read_accounts);
  each_step("end_sessions", "clerk", CHUNAN, end_sessions);
  each_step("lift_locks", "system", CHUNAN, lift_locks);
  each_step("keep_events", "system", CHUNAN, keep_events);
  each_step("answer_twice", "officer", CHUNAN, answer_twice);
  each_step("enrol", "system", HUB, enrol);
  each_step("renew", "system", HUB, renew);
  each_step("hear", "system", HUB, hear);
  each_step("keep_contacts", "system", CHUNAN, keep_contacts);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(prices_and_ratings),
      cmocka_unit_test(the_catalogue),
      cmocka_unit_test(proposals_and_refusals),
      cmocka_unit_test(accounts_and_branches),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
