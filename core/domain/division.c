#include "core/domain/division.h"

/* Seats of the eleven prefectures, hundredths of a degree: good to a few kilometres, which sorting needs. */
static const struct seat {
  uint32_t prefecture;
  int north, east;
} seats[] = {
    {330100, 3027, 12015}, {330200, 2987, 12155}, {330300, 2800, 12070}, {330400, 3075, 12076},
    {330500, 3089, 12009}, {330600, 3000, 12058}, {330700, 2908, 11965}, {330800, 2894, 11887},
    {330900, 2999, 12221}, {331000, 2866, 12142}, {331100, 2847, 11992},
};

static const struct seat *seat_of(uint32_t prefecture)
{
  for (size_t i = 0; i < sizeof seats / sizeof *seats; i++)
    if (seats[i].prefecture == prefecture) return &seats[i];
  return NULL;
}

uint32_t division_prefecture(uint32_t code)
{
  return code / 100 * 100;
}

static int root(int64_t square)
{
  int64_t low = 0, high = 1 << 21; /* 2,000 km in metres: wider than any province */
  while (low < high) {
    int64_t middle = (low + high + 1) / 2;
    if (middle * middle <= square)
      low = middle;
    else
      high = middle - 1;
  }
  return (int)low;
}

/* Plane distance: 111.2 km a degree north, 0.87 of that east at 29.5 degrees. */
int division_distance_km(uint32_t a, uint32_t b)
{
  const struct seat *from = seat_of(division_prefecture(a)), *to = seat_of(division_prefecture(b));
  if (!from || !to) return 1000;
  int64_t north_m = (int64_t)(from->north - to->north) * 1112;
  int64_t east_m = (int64_t)(from->east - to->east) * 967;
  return root(north_m * north_m + east_m * east_m) / 1000;
}

static void call(struct query *q, void (*each)(void *ctx, const struct division *row), void *ctx)
{
  struct division row = {.code = (uint32_t)column_int(q, 0),
                         .name_zh = column_text(q, 1),
                         .pinyin = column_text(q, 2),
                         .name_en = column_text(q, 3),
                         .prefecture_code = (uint32_t)column_int(q, 4),
                         .county = column_int(q, 5) != 0};
  each(ctx, &row);
}

bool division_list(struct db *db, void (*each)(void *ctx, const struct division *row), void *ctx,
                   struct err *err)
{
  struct query q = query_open(db,
                              "SELECT code, name_zh, pinyin, name_en, prefecture_code, level = 'county'"
                              " FROM division ORDER BY code /* scan: meant, 102 rows */",
                              err);
  while (query_row(&q))
    call(&q, each, ctx);
  return query_close(&q);
}

bool division_get(struct db *db, uint32_t code, void (*each)(void *ctx, const struct division *row),
                  void *ctx, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT code, name_zh, pinyin, name_en, prefecture_code, level = 'county'"
                              " FROM division WHERE code = ?1",
                              err);
  query_int(&q, 1, code);
  bool found = query_row(&q);
  if (found) call(&q, each, ctx);
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "code", "unknown_division", "there is no division %u", code);
}

bool division_county(struct db *db, uint32_t code, const char *field, struct err *err)
{
  struct query q = query_open(db, "SELECT level = 'county' FROM division WHERE code = ?1", err);
  query_int(&q, 1, code);
  bool found = query_row(&q);
  bool county = found && column_int(&q, 0) != 0;
  if (!query_close(&q)) return false;
  if (!found)
    return err_rule(err, ERR_INPUT, field, "unknown_division", "%u is not the code of a division", code);
  return county || err_rule(err, ERR_INPUT, field, "not_a_county", "%u is a prefecture, not a county", code);
}

bool division_add(struct tx *tx, const struct division *in, struct err *err)
{
  struct query q = query_open(tx->db,
                              "INSERT INTO division(code, name_zh, pinyin, name_en, prefecture_code, level)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(code) DO UPDATE SET"
                              " name_zh = excluded.name_zh, pinyin = excluded.pinyin,"
                              " name_en = excluded.name_en, prefecture_code = excluded.prefecture_code,"
                              " level = excluded.level",
                              err);
  query_int(&q, 1, in->code);
  query_text(&q, 2, in->name_zh);
  query_text(&q, 3, in->pinyin);
  query_text(&q, 4, in->name_en);
  query_int(&q, 5, in->prefecture_code);
  query_text(&q, 6, in->county ? "county" : "prefecture");
  return query_run(&q);
}
