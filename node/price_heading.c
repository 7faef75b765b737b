#include "node/price_heading.h"

#include "core/base/grid.h"
#include "core/domain/price.h"
#include "core/domain/unit.h"

#include <stdio.h>
#include <string.h>

const char *const price_column_titles[PRICE_COLUMNS] = {
    "编号",   "品名", "单位",         "单价（元）", "数量", "来源", "采价日期",
    "供应商", "说明", "异常价已核对", "日期已核对", "产地", "支行"};
const char *const price_source_titles[4] = {"到货结算", "供应商报价", "市场看价", NULL};

/* What a column is called, folded, without what stands in brackets.  None is the name of a field in the
 * smallest unit, such as price_fen: cells are yuan and whole ones. */
static const char *const names[PRICE_COLUMNS][8] = {
    {"product", "编号", "产品编号", "商品编号", "品名编号"},
    {"product_name", "品名", "产品", "名称", "产品名称", "商品名称", "商品", "品种"},
    {"unit", "单位", "计量单位", "计价单位"},
    {"price", "单价", "价格", "采购单价", "采购价格"},
    {"qty", "数量", "采购数量"},
    {"source", "来源", "价格来源"},
    {"date", "采价日期", "日期", "采集日期", "采购日期"},
    {"supplier", "供应商", "供应商名称", "供货商", "供货单位"},
    {"note", "说明", "备注"},
    {"confirm_outlier", "异常价已核对", "异常已核对"},
    {"confirm_date", "日期已核对"},
    {"origin", "产地"},
    {"branch", "支行", "填报支行", "填报单位", "本行"},
};

enum { NAME_SIZE = 80, HEADING_SIZE = 400 };

static int column_of(const char *name)
{
  for (int c = 0; c < PRICE_COLUMNS; c++)
    for (int i = 0; i < 8 && names[c][i]; i++)
      if (strcmp(names[c][i], name) == 0) return c;
  return -1;
}

static void copy_without(char *out, size_t size, const char *from, const char *end, const char *left_out)
{
  size_t used = 0;
  for (const char *p = from; p < end && used < size - 1; p++)
    if (!strchr(left_out, *p)) out[used++] = *p;
  out[used] = '\0';
}

/* "单价(元)/公斤 *", "单价[元]", "单价 元/公斤" as its name and what else it says, without the brackets; "?"
 * where that is too much to be a unit. */
static void cut_heading(const char *text, char name[NAME_SIZE], char unit[TYPED_UNIT_SIZE])
{
  char folded[HEADING_SIZE];
  typed_fold(folded, sizeof folded, text);
  const char *all = folded + strlen(folded), *end = folded + strcspn(folded, "([");
  copy_without(name, NAME_SIZE, folded, end, " *:");
  if (column_of(name) < 0) {
    char first[NAME_SIZE];
    const char *word = folded + strcspn(folded, " :/([");
    copy_without(first, sizeof first, folded, word, "*");
    if (column_of(first) >= 0) {
      memcpy(name, first, sizeof first);
      end = word;
    }
  }
  copy_without(unit, TYPED_UNIT_SIZE, end, all, "()[] *:");
  if ((size_t)(all - end) >= TYPED_UNIT_SIZE || strlen(text) >= HEADING_SIZE) memcpy(unit, "?", 2);
}

static int known_columns(const struct grid *grid, size_t row)
{
  char name[NAME_SIZE], unit[TYPED_UNIT_SIZE];
  bool seen[PRICE_COLUMNS] = {false};
  int count = 0;
  for (size_t i = 0; i < grid->columns; i++) {
    cut_heading(grid_cell(grid, row, i), name, unit);
    int c = column_of(name);
    count += c >= 0 && !seen[c];
    if (c >= 0) seen[c] = true;
  }
  return count;
}

/* The first row with the most columns that are known. */
static size_t find_heading(const struct grid *grid, int *known)
{
  size_t best = 0;
  *known = 0;
  for (size_t row = 0; row < grid->rows && row < GRID_HEADING_ROWS; row++) {
    int count = known_columns(grid, row);
    if (count <= *known) continue;
    best = row;
    *known = count;
  }
  return best;
}

bool price_heading_fits(const struct grid *head)
{
  int known;
  size_t row = find_heading(head, &known);
  char name[NAME_SIZE], unit[TYPED_UNIT_SIZE];
  for (size_t i = 0; known >= 3 && i < head->columns; i++) {
    cut_heading(grid_cell(head, row, i), name, unit);
    if (column_of(name) == PRICE_COLUMN_PRICE) return true;
  }
  return false;
}

/* "元/公斤": yuan, and perhaps of what. */
static bool read_price_unit(const char *typed, const char *where, char unit[TYPED_UNIT_SIZE], struct err *err)
{
  int64_t one;
  char amount[TYPED_UNIT_SIZE + 4];
  if (!*typed) return true;
  snprintf(amount, sizeof amount, "1%s", typed);
  if (typed_amount(amount, 2, PRICE_FEN_MAX / 100, true, &one, unit) == NULL) return true;
  return err_rule(err, ERR_INPUT, where, "not_yuan", "\"%.60s\" is not in yuan", where);
}

/* Whether what stands behind 单位： is money, or what things are sold by, and not whose sheet it is. */
static bool is_money(const char *typed)
{
  static const char *const begins[] = {"元",     "角",  "分/", "百元", "千元", "万元", "亿元",
                                       "人民币", "rmb", "cny", "¥",    "美元", "usd",  "$"};
  for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
    if (strncmp(typed, begins[i], strlen(begins[i])) == 0) return true;
  return strcmp(typed, "分") == 0;
}

static bool is_sold_by(const char *typed)
{
  static const char *const others[] = {"斤", "市斤", "两", "担", "磅"}; /* nothing is sold by them here */
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (strcmp(typed, others[i]) == 0) return true;
  return unit_of(typed);
}

/* "2026年11月采价表（单位：元/公斤）", and the cell behind one that says 单位 alone. */
static bool read_table_unit(struct price_heading *h, const char *text, const char *next, struct err *err)
{
  char folded[HEADING_SIZE], typed[TYPED_UNIT_SIZE];
  typed_fold(folded, sizeof folded, text);
  const char *at = strstr(folded, "单位");
  if (!at) return true;
  at += strlen("单位");
  at += strspn(at, ": ");
  if (!*at) {
    typed_fold(folded, sizeof folded, next);
    at = folded;
  }
  snprintf(typed, sizeof typed, "%.*s", (int)strcspn(at, " ),;"), at);
  if (is_sold_by(typed)) memcpy(h->table_unit, typed, sizeof typed);
  return !is_money(typed) || read_price_unit(typed, text, h->table_unit, err);
}

static bool read_above(struct price_heading *h, const struct grid *grid, struct err *err)
{
  for (size_t row = 0; row < h->row; row++)
    for (size_t i = 0; i < grid->columns; i++) {
      const char *next = i + 1 < grid->columns ? grid_cell(grid, row, i + 1) : "";
      if (!read_table_unit(h, grid_cell(grid, row, i), next, err)) return false;
    }
  return true;
}

static bool column_filled(const struct price_heading *h, const struct grid *grid, size_t i)
{
  for (size_t row = h->row + 1; row < grid->rows; row++)
    if (*grid_cell(grid, row, i)) return true;
  return false;
}

static bool take_column(struct price_heading *h, const struct grid *grid, size_t i, struct err *err)
{
  char name[NAME_SIZE], unit[TYPED_UNIT_SIZE];
  const char *heading = grid_cell(grid, h->row, i);
  cut_heading(heading, name, unit);
  int c = column_of(name);
  if (c < 0) {
    bool filled = column_filled(h, grid, i);
    bool ours = strcmp(name, "错处") == 0; /* what a refused sheet is given back with */
    size_t used = strlen(h->unread), room = sizeof h->unread - used;
    if (!filled || ours || strlen(heading) + 30 > room) return true;
    int end = snprintf(h->unread + used, room, "%s%s", used ? "、" : "", heading);
    if (!*heading) snprintf(h->unread + used + end, room - (size_t)end, "#%zu", i + 1);
    return true;
  }
  if (h->at[c] >= 0)
    return err_rule(err, ERR_INPUT, heading, "duplicate", "the sheet has two columns \"%.60s\"", heading);
  if (grid_column_hidden(grid, i) && column_filled(h, grid, i))
    return err_rule(err, ERR_INPUT, heading, "hidden_column",
                    "the column \"%.60s\" is hidden in the sheet: show it, or take it out", heading);
  h->at[c] = (int)i;
  if (c == PRICE_COLUMN_QTY) memcpy(h->qty_unit, unit, sizeof unit);
  if (c == PRICE_COLUMN_UNIT && is_sold_by(unit)) memcpy(h->table_unit, unit, sizeof unit);
  return c != PRICE_COLUMN_PRICE || read_price_unit(unit, heading, h->price_unit, err);
}

bool price_heading_read(struct price_heading *h, const struct grid *grid, struct err *err)
{
  static const enum price_column needed[] = {PRICE_COLUMN_PRICE, PRICE_COLUMN_SOURCE, PRICE_COLUMN_DATE};
  int known;
  memset(h, 0, sizeof *h);
  h->row = find_heading(grid, &known);
  for (int c = 0; c < PRICE_COLUMNS; c++)
    h->at[c] = -1;
  for (size_t i = 0; i < grid->columns; i++)
    if (!take_column(h, grid, i, err)) return false;
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
    if (h->at[needed[i]] < 0)
      return err_rule(err, ERR_INPUT, price_column_titles[needed[i]], "missing_column",
                      "the sheet has no column \"%s\"", price_column_titles[needed[i]]);
  if (h->at[PRICE_COLUMN_ID] < 0 && h->at[PRICE_COLUMN_NAME] < 0)
    return err_rule(err, ERR_INPUT, price_column_titles[PRICE_COLUMN_NAME], "missing_column",
                    "the sheet has neither a column \"%s\" nor \"%s\"", price_column_titles[PRICE_COLUMN_ID],
                    price_column_titles[PRICE_COLUMN_NAME]);
  return read_above(h, grid, err);
}
