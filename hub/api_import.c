/* What a curator needs before a file of products: a template that explains itself, and how a name is read. */
#include "core/base/xlsx_write.h"
#include "core/domain/catalogue_import.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "core/domain/field.h"
#include "core/domain/pinyin.h"
#include "hub/api.h"
#include "site/answer.h"

#include <stdio.h>
#include <string.h>

enum { TEMPLATE_ROWS = 500, WORDS_MAX = 12 };
static const int widths[CATALOGUE_COLUMNS] = {22, 26, 26, 14, 12, 10, 12, 14, 10,
                                              10, 12, 24, 8,  10, 40, 24, 8};

static void put_heading(struct xlsx_writer *book, const char *sheet)
{
  struct xlsx_column columns[CATALOGUE_COLUMNS];
  for (int i = 0; i < CATALOGUE_COLUMNS; i++)
    columns[i] = (struct xlsx_column){catalogue_column_title(i), widths[i]};
  xlsx_writer_sheet(book, sheet, columns, CATALOGUE_COLUMNS);
}

/* The words of a field, as they are chosen from. */
static void put_choice(struct xlsx_writer *book, const char *title, const char *key, const char *described)
{
  const struct field *field = field_find(ITEM_PRODUCT, key);
  const char *words[WORDS_MAX + 1] = {NULL};
  int column = 0;
  while (column < CATALOGUE_COLUMNS && strcmp(catalogue_column_title(column), title) != 0)
    column++;
  for (size_t i = 0; i < WORDS_MAX && field->words[i]; i++)
    words[i] = describe_word(described, field->words[i], LANGUAGE_ZH);
  xlsx_writer_choice_words(book, column, 1, TEMPLATE_ROWS, words);
}

static void put_example(struct xlsx_writer *book)
{
  static const char *const rows[][CATALOGUE_COLUMNS] = {
      {"安吉冬笋", "", "Anji winter bamboo shoot", "蔬菜瓜果", "笋", "", "湖州市", "安吉县", "11", "2",
       "冷藏", "预冷后冷藏", "公斤", "是", "国家知识产权局公告第 325 号", "毛竹冬笋", ""},
      {"淳安无核柿", "chun an wu he shi", "", "蔬菜瓜果", "", "330127", "", "", "10月", "11月", "常温", "",
       "公斤", "", "", "", ""}};
  put_heading(book, "示例");
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    for (int c = 0; c < CATALOGUE_COLUMNS; c++)
      xlsx_writer_text(book, rows[r][c]);
    xlsx_writer_row(book);
  }
}

static void put_instructions(struct xlsx_writer *book)
{
  static const struct xlsx_column columns[] = {{"怎么填", 90}};
  static const char *const lines[] = {
      "填“目录”这张表，一行一个产品；“示例”只供参照，不会导入。",
      "必填：品名、品类、产地（或产地代码）、上市起月、上市止月、储存方式、单位。",
      "拼音可以空着，系统照已有的名称补上；导入后请看一眼多音字。",
      "产地写县名，同名的写上地市；和产地代码都写时两处要对得上。",
      "品名和产地都相同的，当作同一个产品来改；导入前会逐项列出要改什么，看过才改。",
      "空着的格和表里没有的列都不动原来的内容；要清空一格，写“清空”。",
      "版本可以空着。从导出的表里抄来版本的，别人在那以后改过的产品不会被盖掉，会说明是哪一行。",
      "有一处不对就都不导入，每一处都会说明行、列和原因。",
      NULL};
  xlsx_writer_sheet(book, "说明", columns, 1);
  for (int i = 0; lines[i]; i++) {
    xlsx_writer_text(book, lines[i]);
    xlsx_writer_row(book);
  }
}

static void each_division(void *ctx, const struct division *row)
{
  char code[16];
  struct xlsx_writer *book = ctx;
  if (!row->county) return;
  snprintf(code, sizeof code, "%u", row->code);
  xlsx_writer_text(book, row->name_zh);
  xlsx_writer_text(book, code);
  xlsx_writer_row(book);
}

static bool make_template(struct app *app, struct db *db, struct buf *out, struct err *err)
{
  (void)app;
  static const struct xlsx_column places[] = {{"产地", 16}, {"产地代码", 12}};
  struct xlsx_writer *book = xlsx_writer_open(err);
  if (!book) return false;
  put_heading(book, "目录");
  put_choice(book, "品类", "group", "group_code");
  put_choice(book, "储存方式", "storage", "storage");
  put_choice(book, "单位", "unit", "unit");
  put_example(book);
  xlsx_writer_sheet(book, "产地", places, 2);
  bool ok = division_list(db, each_division, book, err);
  put_instructions(book);
  return xlsx_writer_close(book, out, ok ? err : NULL) && ok;
}

void hub_get_catalogue_template(struct web_request *request, void *app)
{
  answer_template(request, app, make_template, "目录填报表.xlsx");
}

static bool read_pinyin(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  struct pinyin *pinyin = NULL;
  struct buf syllables = BUF_INIT, unknown = BUF_INIT;
  const char *name = web_query(request, "name");
  (void)app;
  if (!name || !*name || strlen(name) > 160)
    return err_rule(err, ERR_INPUT, "name", name && *name ? "length" : "required",
                    "name is empty or too long");
  if (!pinyin_open(&pinyin, db, err)) return false;
  pinyin_of(pinyin, name, &syllables, &unknown);
  pinyin_close(pinyin);
  bool ok = (!syllables.bad && !unknown.bad) || err_set(err, ERR_IO, "no memory for syllables");
  if (ok) {
    out_object(out, NULL);
    out_text(out, "pinyin", (const char *)syllables.data);
    out_text(out, "unknown", (const char *)unknown.data);
    out_end(out);
  }
  buf_wipe(&syllables);
  buf_wipe(&unknown);
  return ok;
}

void hub_get_pinyin(struct web_request *request, void *app)
{
  answer_reading(request, app, read_pinyin);
}
