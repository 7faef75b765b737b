#include "core/base/xlsx_read.h"
#include "core/base/text.h"
#include "core/base/xlsx_address.h"
#include "core/base/xlsx_format.h"
#include "core/base/xlsx_styles.h"
#include "core/base/xstring.h"
#include "core/base/zip_memory.h"

#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- What is remembered while the parts go by. -- */

/* A sheet as the workbook lists it. */
struct sheet {
  char name[128], relation[64], path[XLSX_PATH_SIZE];
  bool hidden, other; /* other: a chart, a dialogue, macros */
};

struct workbook {
  unzFile zip;
  size_t inflated; /* of all parts so far */
  char path[XLSX_PATH_SIZE], styles_path[XLSX_PATH_SIZE], texts_path[XLSX_PATH_SIZE];
  struct sheet sheets[XLSX_SHEETS_MAX];
  size_t sheet_count, active;
  bool date1904;
  struct buf texts;   /* shared texts, each ended by a zero */
  struct buf text_at; /* u32 offsets into texts, TEXT_STRUCK where a line goes through a part of one */
  struct xlsx_styles styles;
  size_t rows_max; /* of the sheet being read: no row beyond is looked at */
  struct grid *grid;
  struct err *err;
};

#define TEXT_STRUCK UINT32_C(0x80000000) /* GRID_TEXT_MAX is below it */

/* One part being parsed: where we are in it, and the cell that is being put together. */
struct part {
  struct workbook *book;
  XML_Parser parser;
  int depth;
  int skip; /* depth at which something to be ignored began; 0: none */
  bool in_text, in_styles, in_fonts, failed, enough;
  bool struck; /* a line goes through a run of the text */
  struct buf text;
  size_t row, column, next_row, next_column;
  char type[12];
  uint32_t style;
  char formula[64]; /* of the cell: its beginning */
  bool valued;      /* ... and a value stands with it */
};

static const char *local_name(const char *name)
{
  const char *colon = strrchr(name, ':');
  return colon ? colon + 1 : name;
}

static const char *attribute(const char **list, const char *name)
{
  for (; list[0]; list += 2)
    if (strcmp(list[0], name) == 0 || (strchr(list[0], ':') && strcmp(local_name(list[0]), name) == 0))
      return list[1];
  return "";
}

static void part_fail(struct part *part, const char *why)
{
  if (why) err_rule(part->book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: %s", why);
  part->failed = true;
  XML_StopParser(part->parser, XML_FALSE);
}

static void on_doctype(void *data, const char *name, const char *system, const char *public_id, int subset)
{
  (void)name;
  (void)system;
  (void)public_id;
  (void)subset;
  part_fail(data, "it brings a document type");
}

static void on_characters(void *data, const char *text, int size)
{
  struct part *part = data;
  if (!part->in_text || part->skip) return;
  put_bytes(&part->text, text, (size_t)size);
  if (part->text.bad) part_fail(part, "a text is over 128 KiB");
}

/* Begins or ends collecting text. */
static void collect(struct part *part, bool on)
{
  part->in_text = on;
  if (on) buf_clear(&part->text);
}

static const char *collected(struct part *part)
{
  put_u8(&part->text, 0);
  return part->text.bad ? "" : (const char *)part->text.data;
}

/* -- relations: which part is what? -- */

static bool ends_with(const char *text, const char *end)
{
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static void root_relations_start(struct part *part, const char *name, const char **attributes)
{
  if (strcmp(name, "Relationship") == 0 && ends_with(attribute(attributes, "Type"), "/officeDocument") &&
      !xlsx_resolve(part->book->path, "", attribute(attributes, "Target")))
    part_fail(part, "a path in it is too long");
}

static void relations_start(struct part *part, const char *name, const char **attributes)
{
  struct workbook *book = part->book;
  const char *id = attribute(attributes, "Id"), *type = attribute(attributes, "Type");
  char path[XLSX_PATH_SIZE];
  if (strcmp(name, "Relationship") != 0 || strcmp(attribute(attributes, "TargetMode"), "External") == 0)
    return;
  if (!xlsx_resolve(path, book->path, attribute(attributes, "Target"))) {
    part_fail(part, "a path in it is too long");
    return;
  }
  if (ends_with(type, "/styles")) memcpy(book->styles_path, path, sizeof path);
  if (ends_with(type, "/sharedStrings")) memcpy(book->texts_path, path, sizeof path);
  for (size_t i = 0; i < book->sheet_count; i++) {
    if (strcmp(id, book->sheets[i].relation) != 0) continue;
    memcpy(book->sheets[i].path, path, sizeof path);
    book->sheets[i].other = *type && !ends_with(type, "/worksheet");
  }
}

/* xsd:boolean */
static bool says_true(const char *value)
{
  return strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
}

/* <strike/>, which val="0" takes back. */
static bool strikes(const char *name, const char **attributes)
{
  const char *value = attribute(attributes, "val");
  return strcmp(name, "strike") == 0 && (!*value || says_true(value));
}

/* -- the workbook: its sheets, and which is open -- */

static void workbook_start(struct part *part, const char *name, const char **attributes)
{
  struct workbook *book = part->book;
  if (strcmp(name, "workbookPr") == 0) {
    book->date1904 = says_true(attribute(attributes, "date1904"));
  } else if (strcmp(name, "workbookView") == 0) {
    book->active = (size_t)strtoul(attribute(attributes, "activeTab"), NULL, 10);
  } else if (strcmp(name, "sheet") == 0) {
    if (book->sheet_count == XLSX_SHEETS_MAX) {
      part_fail(part, "it has more sheets than are read");
      return;
    }
    struct sheet *sheet = &book->sheets[book->sheet_count++];
    const char *state = attribute(attributes, "state");
    sheet->hidden = *state && strcmp(state, "visible") != 0;
    text_clean(TEXT_NAME, sheet->name, sizeof sheet->name, attribute(attributes, "name"));
    snprintf(sheet->relation, sizeof sheet->relation, "%s", attribute(attributes, "id"));
  }
}

/* -- styles.xml: the number format and the font of each cell style -- */

static void styles_start(struct part *part, const char *name, const char **attributes)
{
  struct xlsx_styles *styles = &part->book->styles;
  uint32_t format = (uint32_t)strtoul(attribute(attributes, "numFmtId"), NULL, 10);
  if (strcmp(name, "numFmt") == 0) {
    xlsx_styles_add_format(styles, format, attribute(attributes, "formatCode"));
  } else if (strcmp(name, "fonts") == 0) {
    part->in_fonts = true;
  } else if (strcmp(name, "font") == 0 && part->in_fonts) {
    xlsx_styles_add_font(styles);
  } else if (strikes(name, attributes) && part->in_fonts) {
    xlsx_styles_strike_font(styles);
  } else if (strcmp(name, "cellXfs") == 0) {
    part->in_styles = true;
  } else if (strcmp(name, "xf") == 0 && part->in_styles) {
    xlsx_styles_add(styles, format, (uint32_t)strtoul(attribute(attributes, "fontId"), NULL, 10));
  }
  if (xlsx_styles_too_many(styles)) part_fail(part, "it has more styles than are read");
}

static void styles_end(struct part *part, const char *name)
{
  if (strcmp(name, "cellXfs") == 0) part->in_styles = false;
  if (strcmp(name, "fonts") == 0) part->in_fonts = false;
}

/* -- sharedStrings.xml -- */

static void texts_start(struct part *part, const char *name, const char **attributes)
{
  if (strcmp(name, "si") == 0)
    collect(part, false), buf_clear(&part->text), part->struck = false;
  else if (strikes(name, attributes))
    part->struck = true;
  else if (strcmp(name, "rPh") == 0)
    part->skip = part->depth; /* how a word is read aloud, not the word */
  else if (strcmp(name, "t") == 0)
    part->in_text = true; /* runs of one text are joined */
}

static void texts_end(struct part *part, const char *name)
{
  struct workbook *book = part->book;
  if (strcmp(name, "t") == 0) {
    part->in_text = false;
  } else if (strcmp(name, "si") == 0) {
    xstring_decode(&part->text);
    put_u32(&book->text_at, (uint32_t)book->texts.size | (part->struck ? TEXT_STRUCK : 0));
    put_bytes(&book->texts, part->text.data, part->text.size);
    put_u8(&book->texts, 0);
    if (book->texts.bad || book->text_at.bad) part_fail(part, "too many texts");
  }
}

static const char *shared_text(const struct workbook *book, const char *index, bool *struck)
{
  char *end;
  unsigned long i = strtoul(index, &end, 10);
  if (*end || end == index || i >= book->text_at.size / 4) return NULL;
  struct reader r = reader_of(book->text_at.data + i * 4, 4);
  uint32_t at = get_u32(&r);
  *struck = at & TEXT_STRUCK;
  return (const char *)book->texts.data + (at & ~TEXT_STRUCK);
}

/* -- the sheet -- */

/* "A3:A5": what is shown in all of them stands in the first. */
static void merge_cells(struct part *part, const char *reference)
{
  char first[24];
  size_t row, column, row_end, column_end, n = strcspn(reference, ":");
  snprintf(first, sizeof first, "%.*s", (int)(n < sizeof first ? n : sizeof first - 1), reference);
  if (!reference[n]) return; /* one cell */
  if (!xlsx_cell_address(first, &row, &column) ||
      !xlsx_cell_address(reference + n + 1, &row_end, &column_end))
    part_fail(part, "merged cells have a wrong address");
  else if (!grid_merge(part->book->grid, row, column, row_end, column_end))
    part_fail(part, "a cell is merged twice");
}

/* What is dragged shut has no room for a character: rows count in points, columns in characters.  What says
 * no size has the sheet's own. */
static const double row_least = 2, column_least = 0.5;

static bool has_room(const char *size, double least)
{
  return !*size || strtod(size, NULL) >= least;
}

static void show_columns(struct part *part, const char **attributes)
{
  size_t first = strtoul(attribute(attributes, "min"), NULL, 10);
  size_t last = strtoul(attribute(attributes, "max"), NULL, 10);
  const char *width = attribute(attributes, "width");
  bool hidden = says_true(attribute(attributes, "hidden"));
  if (first && (hidden || *width))
    grid_show_columns(part->book->grid, first - 1, last - 1, !hidden && has_room(width, column_least));
}

/* What is hidden by zeroHeight are the rows that the sheet does not write, and no others. */
static void show_all_columns(struct part *part, const char **attributes)
{
  if (!has_room(attribute(attributes, "defaultColWidth"), column_least))
    grid_show_columns(part->book->grid, 0, GRID_COLUMNS_MAX - 1, false);
}

/* Two rows or cells in one place: which was meant, only who made the file knows.  What a line goes through is
 * there and marked. */
static void put_cell(struct part *part, const char *text, size_t size)
{
  bool twice = *grid_cell(part->book->grid, part->row, part->column) != '\0';
  if (twice)
    part_fail(part, "a cell is there twice");
  else if (!grid_put(part->book->grid, part->row, part->column, text, size, part->book->err))
    part_fail(part, NULL);
  else if (part->struck || xlsx_styles_struck(&part->book->styles, part->style))
    grid_mark(part->book->grid, part->row, part->column, GRID_STRUCK);
}

static void sheet_start(struct part *part, const char *name, const char **attributes)
{
  if (strcmp(name, "sheetFormatPr") == 0) {
    show_all_columns(part, attributes);
  } else if (strcmp(name, "col") == 0) {
    show_columns(part, attributes);
  } else if (strcmp(name, "row") == 0) {
    const char *r = attribute(attributes, "r");
    part->row = *r ? (size_t)strtoul(r, NULL, 10) - 1 : part->next_row;
    part->next_row = part->row + 1;
    part->next_column = 0;
    if (!grid_begin_row(part->book->grid, part->row)) part_fail(part, "a row is there twice");
    if (says_true(attribute(attributes, "hidden")) || !has_room(attribute(attributes, "ht"), row_least))
      grid_hide_row(part->book->grid, part->row);
    if (part->row >= part->book->rows_max && part->row < SIZE_MAX) { /* r="0" is refused with its cell */
      part->enough = true;
      XML_StopParser(part->parser, XML_FALSE);
    }
  } else if (strcmp(name, "c") == 0) {
    const char *r = attribute(attributes, "r");
    part->column = part->next_column;
    if (*r && !xlsx_cell_address(r, &part->row, &part->column)) part_fail(part, "a cell has a wrong address");
    part->next_column = part->column + 1;
    snprintf(part->type, sizeof part->type, "%s", attribute(attributes, "t"));
    part->style = (uint32_t)strtoul(attribute(attributes, "s"), NULL, 10);
    part->formula[0] = '\0';
    part->valued = part->struck = false;
    buf_clear(&part->text);
  } else if (strikes(name, attributes)) {
    part->struck = true;
  } else if (strcmp(name, "v") == 0 || strcmp(name, "f") == 0) {
    part->valued = *name == 'v';
    collect(part, true);
  } else if (strcmp(name, "t") == 0) {
    part->in_text = true; /* of an inline text, whose runs are joined */
  } else if (strcmp(name, "rPh") == 0) {
    part->skip = part->depth;
  } else if (strcmp(name, "mergeCell") == 0) {
    merge_cells(part, attribute(attributes, "ref"));
  }
}

static void put_number(struct part *part, const char *text)
{
  char *end, shown[XLSX_SHOWN_SIZE];
  double value = strtod(text, &end);
  const struct xlsx_format *format = xlsx_styles_format(&part->book->styles, part->style);
  /* strtod also reads "nan", "infinity" and hex digits, which no sheet has (xsd:double) */
  if (end == text || *end || text[strspn(text, " \t\r\n0123456789+-.eE")] || !isfinite(value)) {
    part_fail(part, "a number is none");
    return;
  }
  size_t size = xlsx_format_show(format, value, part->book->date1904, shown);
  put_cell(part, shown, size);
  if (xlsx_format_misleads(format)) grid_mark(part->book->grid, part->row, part->column, GRID_FIGURES);
}

/* As every spreadsheet shows it: a 1 that was never typed would be a price. */
static const char *truth(struct part *part, const char *text)
{
  bool yes = says_true(text);
  if (!yes && strcmp(text, "0") != 0 && strcmp(text, "false") != 0) part_fail(part, "a truth value is none");
  return yes ? "TRUE" : "FALSE";
}

static void end_formula(struct part *part)
{
  part->in_text = false;
  snprintf(part->formula, sizeof part->formula, "=%s", collected(part));
  text_clean(TEXT_NAME, part->formula, sizeof part->formula, part->formula); /* cut inside a character */
  buf_clear(&part->text);
}

/* Not every program that writes a workbook computes it; a spreadsheet shows the value all the same.  A text
 * that was computed to be empty is one. */
static void put_uncomputed(struct part *part)
{
  if (!part->formula[0] || (part->valued && strcmp(part->type, "str") == 0)) return;
  put_cell(part, part->formula, strlen(part->formula));
  grid_mark(part->book->grid, part->row, part->column, GRID_FORMULA);
}

static void sheet_end(struct part *part, const char *name)
{
  if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
    part->in_text = false;
    return;
  }
  if (strcmp(name, "f") == 0) {
    end_formula(part);
    return;
  }
  if (strcmp(name, "c") != 0) return;
  if (!part->text.size) {
    put_uncomputed(part);
    return;
  }
  if (strcmp(part->type, "str") == 0 || strcmp(part->type, "inlineStr") == 0) xstring_decode(&part->text);
  const char *text = collected(part);
  if (strcmp(part->type, "s") == 0 && !(text = shared_text(part->book, text, &part->struck))) {
    part_fail(part, "a cell names a text that is not there");
    return;
  }
  if (strcmp(part->type, "b") == 0) text = truth(part, text);
  if (!*part->type || strcmp(part->type, "n") == 0)
    put_number(part, text);
  else
    put_cell(part, text, strlen(text));
}

/* -- one part through the parser -- */

struct part_reader {
  void (*start)(struct part *part, const char *name, const char **attributes);
  void (*end)(struct part *part, const char *name);
};

struct parse {
  struct part part;
  const struct part_reader *reader;
};

static void on_start(void *data, const char *name, const char **attributes)
{
  struct part *part = data;
  const struct part_reader *reader = ((struct parse *)data)->reader;
  if (part->failed || part->enough) return;
  if (++part->depth > XLSX_DEPTH_MAX)
    part_fail(part, "its XML is nested too deep");
  else if (!part->skip)
    reader->start(part, local_name(name), attributes);
}

static void on_end(void *data, const char *name)
{
  struct part *part = data;
  const struct part_reader *reader = ((struct parse *)data)->reader;
  if (part->failed || part->enough) return;
  if (!part->skip && reader->end) reader->end(part, local_name(name));
  if (part->skip == part->depth) part->skip = 0;
  part->depth--;
}

/* Inflates the current file of the zip into the parser, counting.  The parser begins a token that has not
 * ended yet anew with every block, so how long one may be is bounded: an attribute of 60 MiB would take
 * minutes. */
static bool feed(struct parse *parse)
{
  struct part *part = &parse->part;
  struct workbook *book = part->book;
  char block[8192];
  for (int64_t fed = 0;;) {
    int n = unzReadCurrentFile(book->zip, block, sizeof block);
    if (n < 0)
      return err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: its zip does not inflate");
    book->inflated += (size_t)n;
    fed += n;
    if (book->inflated > XLSX_INFLATED_MAX)
      return err_rule(book->err, ERR_LIMIT, "", "file_size", "the workbook unpacks to more than %d bytes",
                      XLSX_INFLATED_MAX);
    bool ok = XML_Parse(part->parser, block, n, n == 0) == XML_STATUS_OK;
    if (part->enough) return true;
    if (part->failed) return false;
    if (!ok)
      return err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: %s",
                      XML_ErrorString(XML_GetErrorCode(part->parser)));
    if (n == 0) return true;
    if (fed - XML_GetCurrentByteIndex(part->parser) > XLSX_TOKEN_MAX)
      return err_rule(book->err, ERR_LIMIT, "", "file_size",
                      "the workbook has a tag or a comment of more than %d bytes", XLSX_TOKEN_MAX);
  }
}

/* A part that may be missing is no fault; *found says. */
static bool read_part(struct workbook *book, const char *path, const struct part_reader *reader, bool *found)
{
  *found = *path && unzLocateFile(book->zip, path, 2) == UNZ_OK;
  if (!*found) return true;
  if (unzOpenCurrentFile(book->zip) != UNZ_OK)
    return err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged or locked: %s", path);
  struct parse parse = {.part = {.book = book, .parser = XML_ParserCreate(NULL), .text = {.max = 128 * 1024}},
                        .reader = reader};
  bool ok = parse.part.parser != NULL;
  if (ok) {
    XML_SetUserData(parse.part.parser, &parse);
    XML_SetElementHandler(parse.part.parser, on_start, on_end);
    XML_SetCharacterDataHandler(parse.part.parser, on_characters);
    XML_SetStartDoctypeDeclHandler(parse.part.parser, on_doctype);
    ok = feed(&parse);
    XML_ParserFree(parse.part.parser);
  } else {
    err_set(book->err, ERR_IO, "no memory to read a workbook");
  }
  buf_wipe(&parse.part.text);
  int closed = unzCloseCurrentFile(book->zip);
  if (ok && closed != UNZ_OK && !parse.part.enough)
    ok = err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: %s has a wrong checksum", path);
  return ok;
}

static bool read_parts(struct workbook *book)
{
  static const struct part_reader root_reader = {root_relations_start, NULL},
                                  workbook_reader = {workbook_start, NULL},
                                  relations_reader = {relations_start, NULL},
                                  styles_reader = {styles_start, styles_end},
                                  texts_reader = {texts_start, texts_end};
  char relations[XLSX_PATH_SIZE + 16];
  bool found;
  snprintf(book->path, sizeof book->path, "xl/workbook.xml");
  snprintf(book->styles_path, sizeof book->styles_path, "xl/styles.xml");
  snprintf(book->texts_path, sizeof book->texts_path, "xl/sharedStrings.xml");
  if (!read_part(book, "_rels/.rels", &root_reader, &found)) return false;
  if (ends_with(book->path, ".bin") || unzLocateFile(book->zip, "content.xml", 1) == UNZ_OK)
    return err_rule(book->err, ERR_INPUT, "", "xls", "the file is an .xlsb or an OpenDocument sheet");
  if (!read_part(book, book->path, &workbook_reader, &found)) return false;
  if (!found || !book->sheet_count)
    return err_rule(book->err, ERR_INPUT, "", "xlsx", "the file is a zip but no workbook with a sheet");
  const char *slash = strrchr(book->path, '/');
  int folder = slash ? (int)(slash + 1 - book->path) : 0;
  snprintf(relations, sizeof relations, "%.*s_rels/%s.rels", folder, book->path, book->path + folder);
  if (!read_part(book, relations, &relations_reader, &found) ||
      !read_part(book, book->styles_path, &styles_reader, &found))
    return false;
  xlsx_styles_sort(&book->styles);
  return read_part(book, book->texts_path, &texts_reader, &found);
}

static bool read_sheet(struct workbook *book, const struct sheet *sheet, struct grid *grid, size_t rows_max)
{
  static const struct part_reader sheet_reader = {sheet_start, sheet_end};
  bool found;
  book->grid = grid;
  book->rows_max = rows_max;
  if (!read_part(book, sheet->path, &sheet_reader, &found)) return false;
  return found || err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: its sheet is missing");
}

static bool is_table(const struct sheet *sheet)
{
  return !sheet->hidden && !sheet->other;
}

/* Beside a table in every workbook that is made here. */
static bool is_of_ours(const struct sheet *sheet)
{
  static const char *const names[] = {"品名", "产地", "说明", "本表说明"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(sheet->name, names[i]) == 0) return true;
  return false;
}

static bool look_whether_fits(struct workbook *book, const struct sheet *sheet, grid_fits *fits, bool *fit,
                              bool *filled)
{
  struct grid head = GRID_INIT;
  bool ok = read_sheet(book, sheet, &head, GRID_HEADING_ROWS);
  *fit = ok && fits(&head);
  *filled = false;
  for (size_t row = 0; ok && row < head.rows; row++)
    *filled = *filled || !grid_row_empty(&head, row);
  grid_wipe(&head);
  return ok;
}

static void note_unread(struct grid *grid, const char *name)
{
  size_t used = strlen(grid->unread), room = sizeof grid->unread - used;
  if (strlen(name) + 4 > room) return;
  snprintf(grid->unread + used, room, "%s%s", used ? "、" : "", name);
}

static bool refuse_hidden(struct workbook *book, const struct sheet *sheet)
{
  char name[48]; /* as an error's field holds it, in whole characters */
  text_clean(TEXT_NAME, name, sizeof name, sheet->name);
  return err_rule(book->err, ERR_INPUT, name, "hidden_sheet",
                  "the sheet \"%s\" is hidden in the workbook: show it, or take it out", sheet->name);
}

/* None whose heading fits is shown: it is a hidden one if that is there, else the open one after all, else
 * the first that is a table. */
static bool choose_other(struct workbook *book, const struct sheet *open, const struct sheet *fit,
                         const struct sheet **chosen)
{
  const struct sheet *hidden = fit;
  if (fit) return refuse_hidden(book, fit);
  *chosen = open;
  for (size_t i = 0; !*chosen && i < book->sheet_count; i++) {
    if (is_table(&book->sheets[i])) *chosen = &book->sheets[i];
    if (!hidden && !book->sheets[i].other) hidden = &book->sheets[i];
  }
  if (*chosen) return true;
  return hidden ? refuse_hidden(book, hidden)
                : err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook has no sheet of cells");
}

/* The sheet that is open when the workbook is, if its heading fits, else the first whose does.  A hidden one
 * is never read: whoever meant it hears its name. */
static bool choose(struct workbook *book, struct grid *out, grid_fits *fits, const struct sheet **chosen)
{
  const struct sheet *open = book->active < book->sheet_count ? &book->sheets[book->active] : NULL;
  const struct sheet *hidden = NULL;
  *chosen = NULL;
  if (open && !is_table(open)) open = NULL;
  for (size_t i = 0; fits && i < book->sheet_count; i++) {
    const struct sheet *sheet = &book->sheets[i];
    bool fit = false, filled = false;
    if (sheet->other) continue;
    if (!look_whether_fits(book, sheet, fits, &fit, &filled)) return false;
    if (!fit && filled && !sheet->hidden && !is_of_ours(sheet)) note_unread(out, sheet->name);
    if (!fit) continue;
    if (sheet->hidden) {
      note_unread(out, sheet->name);
      if (!hidden) hidden = sheet;
      continue;
    }
    if (*chosen) note_unread(out, sheet == open ? (*chosen)->name : sheet->name);
    if (!*chosen || sheet == open) *chosen = sheet;
  }
  return *chosen || choose_other(book, open, hidden, chosen);
}

static bool read_book(struct workbook *book, struct grid *out, grid_fits *fits)
{
  unz_global_info about;
  const struct sheet *sheet;
  if (unzGetGlobalInfo(book->zip, &about) != UNZ_OK)
    return err_rule(book->err, ERR_INPUT, "", "xlsx", "the file is no XLSX workbook");
  if (about.number_entry > XLSX_PARTS_MAX)
    return err_rule(book->err, ERR_LIMIT, "", "file_size", "the workbook has %lu parts, at most %d are read",
                    about.number_entry, XLSX_PARTS_MAX);
  if (!read_parts(book) || !choose(book, out, fits, &sheet)) return false;
  memcpy(out->sheet, sheet->name, sizeof out->sheet);
  return read_sheet(book, sheet, out, SIZE_MAX - 1);
}

bool xlsx_read(struct grid *out, const void *bytes, size_t size, grid_fits *fits, struct err *err)
{
  if (size > HTTP_UPLOAD_MAX)
    return err_rule(err, ERR_LIMIT, "", "file_size", "the file has %zu bytes, at most %d are read", size,
                    HTTP_UPLOAD_MAX);
  struct zip_memory memory = {.p = bytes, .size = size};
  struct workbook *book = calloc(1, sizeof *book);
  if (!book) return err_set(err, ERR_IO, "no memory to read a workbook");
  book->err = err;
  book->zip = size ? zip_memory_open(&memory) : NULL;
  book->texts.max = GRID_TEXT_MAX;
  book->text_at.max = XLSX_TEXTS_MAX * 4;
  xlsx_styles_init(&book->styles);
  bool ok = book->zip ? read_book(book, out, fits)
                      : err_rule(err, ERR_INPUT, "", "xlsx", "the file is no XLSX workbook");
  if (book->zip) unzClose(book->zip);
  buf_wipe(&book->texts);
  buf_wipe(&book->text_at);
  xlsx_styles_wipe(&book->styles);
  free(book);
  if (!ok) grid_wipe(out);
  return ok;
}
