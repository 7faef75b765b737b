/* A branch whose line stays cut hands out its entries as a file and takes the receipt, at a page. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "site/site.h"
#include "sync/carry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig rig;
static struct node node;
static struct visitor staff, officer;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_account(&node.app, "staff", "staff", "staff-password");
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  staff = rig_login(&rig, "staff", "staff-password");
  officer = rig_login(&rig, "officer", "officer-password");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&node.app);
  return 0;
}

/* The branch's half of the exchange by hand; the province's half is what its command does. */
static struct app hub;

static uint8_t *memdup(const void *from, size_t size)
{
  uint8_t *to = malloc(size);
  assert_non_null(to);
  memcpy(to, from, size);
  return to;
}

/* One bit of the file is another: whatever that makes of it, it is the file's fault.  Was any
 * of it good enough to be taken? */
static bool flipped_at_the_province(struct db *db, const struct reply *file)
{
  bool any = false;
  uint8_t *bytes = memdup(file->body, file->size);
  for (size_t at = 0; at < file->size; at += 1 + at % 5) {
    struct err err = ERR_INIT;
    struct carry_facts facts;
    struct buf receipt = BUF_INIT;
    bytes[at] ^= 1;
    bool taken = carry_take(hub.store, db, bytes, file->size, clock_wall_ms(), &receipt, &facts, &err);
    if (!taken && err_is_fault(&err)) fail_msg("byte %zu: %s: %s", at, err_kind_name(err.kind), err.text);
    any = any || (taken && facts.entries > 0);
    bytes[at] ^= 1;
    buf_wipe(&receipt);
  }
  free(bytes);
  return any;
}

static void flipped_at_the_branch(const struct buf *receipt)
{
  uint8_t *bytes = memdup(receipt->data, receipt->size);
  struct trouble trouble;
  for (size_t at = 0; at < receipt->size; at += 1 + at % 5) {
    bytes[at] ^= 1;
    struct reply back =
        rig_upload(&rig, &officer, "/api/v1/sync/carry", "application/octet-stream", bytes, receipt->size);
    app_trouble(&node.app, &trouble);
    if (back.status >= 500 || trouble.rule[0])
      fail_msg("byte %zu: %d %s: %.*s", at, back.status, trouble.rule, (int)back.size,
               (const char *)back.body);
    bytes[at] ^= 1;
    reply_wipe(&back);
  }
  free(bytes);
}

static void records_go_on_a_stick_and_the_receipt_comes_back(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct carry_facts facts;
  struct buf receipt = BUF_INIT;
  struct db *db;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_seed(&hub);
  rig_carry(&hub, &node.app);
  int64_t crab = rig_product(&node.app, "舟山三疣梭子蟹");
  char rating[120];
  snprintf(rating, sizeof rating, "{\"product\":%lld,\"quality\":5,\"price\":4,\"delivery\":3}",
           (long long)crab);
  answered(rig_post(&rig, &staff, "/api/v1/evaluations", rating), 201);
  refused_as(rig_get(&rig, &staff, "/api/v1/sync/carry"), 403, "role");
  struct gate *gate = site_bundles(&node.app);
  struct gate_place place;
  int64_t wait_ms = gate->wait_ms;
  gate->wait_ms = 0; /* 64 MiB: one at a time */
  assert_true(gate_enter(gate, &place, "somebody", "192.0.2.7", &err));
  refused_as(rig_get(&rig, &officer, "/api/v1/sync/carry"), 503, "busy");
  gate_leave(gate, &place);
  gate->wait_ms = wait_ms;
  struct reply file = rig_get(&rig, &officer, "/api/v1/sync/carry");
  if (file.status != 200) fail_msg("%.*s", (int)file.size, (const char *)file.body);
  assert_non_null(strstr(file.head, "attachment"));
  assert_true(carry_is(file.body, file.size));
  assert_true(readers_take(hub.readers, &db, &err));
  bool taken_before = flipped_at_the_province(db, &file);
  bool taken = carry_take(hub.store, db, file.body, file.size, clock_wall_ms(), &receipt, &facts, &err);
  if (!taken) fail_msg("%s", err.text);
  readers_give(hub.readers, db);
  assert_true(facts.entries > 0 || taken_before);
  /* The file that goes out is not the receipt. */
  refused_as(
      rig_upload(&rig, &officer, "/api/v1/sync/carry", "application/octet-stream", file.body, file.size), 400,
      "carry_entries");
  reply_wipe(&file);
  refused_as(rig_upload(&rig, &officer, "/api/v1/sync/carry", "application/octet-stream", "no file", 7), 400,
             "not_carried");
  refused_as(rig_upload(&rig, &officer, "/api/v1/sync/carry", "application/octet-stream", receipt.data,
                        receipt.size - 1),
             400, "carry");
  flipped_at_the_branch(&receipt);
  for (int again = 0; again < 2; again++) {
    struct reply back = rig_upload(&rig, &officer, "/api/v1/sync/carry", "application/octet-stream",
                                   receipt.data, receipt.size);
    assert_int_equal(back.status, 200);
    assert_int_equal(at_int(&back, "through"), (int64_t)facts.through);
    reply_wipe(&back);
  }
  struct reply status = rig_get(&rig, &officer, "/api/v1/evaluations?state=received");
  assert_int_equal(at_int(&status, "total"), 1);
  reply_wipe(&status);
  buf_wipe(&receipt);
  rig_site_close(&hub);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_go_on_a_stick_and_the_receipt_comes_back),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
