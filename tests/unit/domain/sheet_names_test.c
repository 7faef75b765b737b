/* The names of a sheet of prices against a catalogue of thousands: which product a row means, and what a
 * sheet costs. */
#include "fixture.h"

#include "core/base/grid.h"
#include "node/price_sheet.h"

#include <time.h>

enum { TODAY = 20261124, PRODUCTS = 3000, ROWS = 1000 };

static struct fixture f;
static struct readers *readers;
static struct catalogue *catalogue;

/* Every one has seven names more, of which all share the last; one of them all comes from Chun'an. */
static int setup(void **state)
{
  struct err err = ERR_INIT;
  char sql[900];
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  snprintf(
      sql, sizeof sql,
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
      " INSERT INTO product SELECT 9000000 + i, '货' || i, 'huo', 'good', '甲' || i || '、乙' || i || '、丙'"
      " || i || '、丁' || i || '、戊' || i || '、己' || i || '、大家', 'produce', 'fruit',"
      " iif(i = 7, %d, 330903), 'kg', 'ambient', '', 0, '', 'active', '', 1, 330000, 1, 'curator', 1 FROM n"
      " /* scan: meant */",
      PRODUCTS, CHUNAN);
  assert_ok(db_exec(f.db, sql, &err), &err);
  assert_ok(readers_open(&readers, f.path, 1, &err), &err);
  assert_ok(catalogue_open(&catalogue, f.db, CHUNAN, TODAY, &err), &err);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  catalogue_close(catalogue);
  readers_close(readers);
  fixture_close(&f);
  return 0;
}

static void put(struct grid *grid, size_t row, size_t column, const char *text)
{
  struct err err = ERR_INIT;
  assert_ok(grid_put(grid, row, column, text, strlen(text), &err), &err);
}

static struct grid sheet_of(const char *name, const char *origin, int rows)
{
  static const char *const heads[] = {"品名", "产地", "单价", "来源", "日期"};
  struct grid grid = GRID_INIT;
  for (size_t c = 0; c < 5; c++)
    put(&grid, 0, c, heads[c]);
  for (size_t i = 1; i <= (size_t)rows; i++) {
    put(&grid, i, 0, name);
    if (*origin) put(&grid, i, 1, origin);
    put(&grid, i, 2, "9.6");
    put(&grid, i, 3, "市场看价");
    put(&grid, i, 4, "2026-11-24");
  }
  return grid;
}

static bool read_sheet(const struct grid *grid, struct price_sheet *sheet, struct faults *faults,
                       struct err *err)
{
  const struct price_sheet_against with = {
      .readers = readers, .catalogue = catalogue, .branch = CHUNAN, .branch_name = "淳安县", .today = TODAY};
  return price_sheet_read(sheet, grid, &with, faults, err);
}

static void a_row_means_the_one_product_of_its_name_and_origin(void **state)
{
  (void)state;
  static const struct {
    const char *name, *origin;
    int64_t product; /* 0: refused by the rule */
    const char *rule;
  } cases[] = {{"货12", "", 9000012, ""},
               {"丁2999", "", 9002999, ""},
               {"大家", "淳安", 9000007, ""},
               {"大家", "淳安县支行", 9000007, ""},
               {"大家", "", 0, "ambiguous"},
               {"大家", "普陀区", 0, "ambiguous"},
               {"丁12", "淳安", 0, "unknown_product"},
               {"丁", "", 0, "unknown_product"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct grid grid = sheet_of(cases[i].name, cases[i].origin, 1);
    struct price_sheet sheet;
    struct faults faults = {0};
    struct err err = ERR_INIT;
    assert_ok(read_sheet(&grid, &sheet, &faults, &err), &err);
    if ((cases[i].product == 0) != (faults.count > 0))
      fail_msg("%s %s: %s", cases[i].name, cases[i].origin, faults.count ? faults.list[0].err.text : "");
    if (cases[i].product)
      assert_int_equal(sheet.rows[0].product, cases[i].product);
    else
      assert_string_equal(faults.list[0].err.rule, cases[i].rule);
    faults_wipe(&faults);
    price_sheet_wipe(&sheet);
    grid_wipe(&grid);
  }
}

/* What the thread had of a processor, in us. */
static int64_t cost_of(const char *name, const char *origin, int rows)
{
  struct timespec from, to;
  struct grid grid = sheet_of(name, origin, rows);
  struct price_sheet sheet;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
  assert_ok(read_sheet(&grid, &sheet, &faults, &err), &err);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
  assert_int_equal(faults.total, rows);
  faults_wipe(&faults);
  price_sheet_wipe(&sheet);
  grid_wipe(&grid);
  return (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
}

/* A sheet folds the names of the catalogue once, not once a row: a thousand rows are a few times one, where
 * they were some hundreds of times it. */
static void a_thousand_rows_that_nobody_knows_cost_little_more_than_one(void **state)
{
  (void)state;
  static const char *const rows[][2] = {{"没有的", ""}, {"大家", "普陀区"}, {"大家", "没有的地方"}};
  for (size_t i = 0; i < 3; i++) {
    int64_t one = cost_of(rows[i][0], rows[i][1], 1), many = cost_of(rows[i][0], rows[i][1], ROWS);
    if (many > one * 30) fail_msg("%s: %lld us, then %lld", rows[i][0], (long long)one, (long long)many);
  }
}

static void a_sheet_ends_when_the_program_does(void **state)
{
  (void)state;
  struct grid grid = sheet_of("没有的", "", ROWS);
  struct price_sheet sheet;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  readers_patience(INT64_C(1) << 40);
  readers_hurry(readers, -1000);
  assert_refused(read_sheet(&grid, &sheet, &faults, &err), &err, "busy");
  assert_int_equal(faults.total, 0); /* the first row was not looked at */
  readers_patience(0);
  grid_wipe(&grid);
  faults_wipe(&faults);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_row_means_the_one_product_of_its_name_and_origin),
      cmocka_unit_test(a_thousand_rows_that_nobody_knows_cost_little_more_than_one),
      cmocka_unit_test(a_sheet_ends_when_the_program_does),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
