#include "core/base/xlsx_read.h"
#include "core/base/clock.h"

#include <expat.h>
#include <minizip/unzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- The zip, read from memory. -- */

struct memory {
  const uint8_t *p;
  size_t size, at;
};

static voidpf memory_open(voidpf memory, const char *name, int mode)
{
  (void)name;
  (void)mode;
  return memory;
}

static uLong memory_read(voidpf opaque, voidpf stream, void *to, uLong size)
{
  struct memory *m = stream;
  (void)opaque;
  size_t left = m->size - m->at, n = size < left ? size : left;
  memcpy(to, m->p + m->at, n);
  m->at += n;
  return (uLong)n;
}

static uLong memory_write(voidpf opaque, voidpf stream, const void *from, uLong size)
{
  (void)opaque;
  (void)stream;
  (void)from;
  (void)size;
  return 0;
}

static long memory_tell(voidpf opaque, voidpf stream)
{
  (void)opaque;
  return (long)((struct memory *)stream)->at;
}

static long memory_seek(voidpf opaque, voidpf stream, uLong offset, int origin)
{
  struct memory *m = stream;
  (void)opaque;
  size_t base = origin == ZLIB_FILEFUNC_SEEK_CUR ? m->at : origin == ZLIB_FILEFUNC_SEEK_END ? m->size : 0;
  if (offset > m->size - base) return -1;
  m->at = base + offset;
  return 0;
}

static int memory_close(voidpf opaque, voidpf stream)
{
  (void)opaque;
  (void)stream;
  return 0;
}

static unzFile open_zip(struct memory *memory)
{
  zlib_filefunc_def functions = {.zopen_file = memory_open,
                                 .zread_file = memory_read,
                                 .zwrite_file = memory_write,
                                 .ztell_file = memory_tell,
                                 .zseek_file = memory_seek,
                                 .zclose_file = memory_close,
                                 .zerror_file = memory_close,
                                 .opaque = memory};
  return unzOpen2("", &functions);
}

/* -- What is remembered while the parts go by. -- */

struct workbook {
  unzFile zip;
  size_t inflated; /* of all parts so far */
  char sheet_relation[64];
  char sheet_path[160];
  bool date1904;
  struct buf texts;         /* shared texts, each ended by a zero */
  struct buf text_at;       /* u32 offsets into texts */
  struct buf date_formats;  /* u32 ids of the workbook's own date formats */
  struct buf style_is_date; /* u8 for each cell style */
  struct grid *grid;
  struct err *err;
};

/* One part being parsed: where we are in it, and the cell that is being put together. */
struct part {
  struct workbook *book;
  XML_Parser parser;
  int depth;
  int skip; /* depth at which something to be ignored began; 0: none */
  bool in_text, in_styles, failed;
  struct buf text;
  size_t row, column, next_row, next_column;
  char type[12];
  uint32_t style;
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

/* -- workbook.xml and its relations: which part is the first visible sheet? -- */

static void workbook_start(struct part *part, const char *name, const char **attributes)
{
  struct workbook *book = part->book;
  if (strcmp(name, "workbookPr") == 0) {
    const char *v = attribute(attributes, "date1904");
    book->date1904 = strcmp(v, "1") == 0 || strcmp(v, "true") == 0;
  } else if (strcmp(name, "sheet") == 0 && !*book->sheet_relation) {
    const char *state = attribute(attributes, "state");
    if (*state && strcmp(state, "visible") != 0) return;
    snprintf(book->sheet_relation, sizeof book->sheet_relation, "%s", attribute(attributes, "id"));
  }
}

static void relations_start(struct part *part, const char *name, const char **attributes)
{
  struct workbook *book = part->book;
  if (strcmp(name, "Relationship") != 0 || *book->sheet_path ||
      strcmp(attribute(attributes, "Id"), book->sheet_relation) != 0)
    return;
  const char *target = attribute(attributes, "Target");
  if (*target == '/')
    snprintf(book->sheet_path, sizeof book->sheet_path, "%s", target + 1);
  else
    snprintf(book->sheet_path, sizeof book->sheet_path, "xl/%s", target);
}

/* -- styles.xml: which cell styles show a date? -- */

/* The numbers are ECMA-376 18.8.30's, with the East Asian ones. */
static bool builtin_date(uint32_t id)
{
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/* A day, month or year outside quotes, brackets and escapes; h and s alone are durations. */
static bool shows_date(const char *code)
{
  for (; *code && *code != ';'; code++) {
    if (*code == '"' || *code == '[') {
      const char *end = strchr(code + 1, *code == '"' ? '"' : ']');
      if (!end) return false;
      code = end;
    } else if (*code == '\\' || *code == '_' || *code == '*') {
      if (code[1]) code++;
    } else if (strchr("yYdD", *code)) {
      return true;
    }
  }
  return false;
}

static bool own_date(const struct workbook *book, uint32_t id)
{
  struct reader r = reader_of(book->date_formats.data, book->date_formats.size);
  while (reader_left(&r))
    if (get_u32(&r) == id) return true;
  return false;
}

static void styles_start(struct part *part, const char *name, const char **attributes)
{
  struct workbook *book = part->book;
  uint32_t id = (uint32_t)strtoul(attribute(attributes, "numFmtId"), NULL, 10);
  if (strcmp(name, "numFmt") == 0 && shows_date(attribute(attributes, "formatCode")))
    put_u32(&book->date_formats, id);
  else if (strcmp(name, "cellXfs") == 0)
    part->in_styles = true;
  else if (strcmp(name, "xf") == 0 && part->in_styles)
    put_u8(&book->style_is_date, builtin_date(id) || own_date(book, id));
}

static void styles_end(struct part *part, const char *name)
{
  if (strcmp(name, "cellXfs") == 0) part->in_styles = false;
}

/* -- sharedStrings.xml -- */

static void texts_start(struct part *part, const char *name, const char **attributes)
{
  (void)attributes;
  if (strcmp(name, "si") == 0)
    collect(part, false), buf_clear(&part->text);
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
    put_u32(&book->text_at, (uint32_t)book->texts.size);
    put_bytes(&book->texts, part->text.data, part->text.size);
    put_u8(&book->texts, 0);
    if (book->texts.bad || book->text_at.bad) part_fail(part, "too many texts");
  }
}

static const char *shared_text(const struct workbook *book, const char *index)
{
  char *end;
  unsigned long i = strtoul(index, &end, 10);
  if (*end || end == index || i >= book->text_at.size / 4) return NULL;
  struct reader r = reader_of(book->text_at.data + i * 4, 4);
  return (const char *)book->texts.data + get_u32(&r);
}

/* -- the sheet -- */

/* "BC12" -> row 11, column 54; false for another form. */
static bool cell_address(const char *text, size_t *row, size_t *column)
{
  size_t c = 0, r = 0;
  while (*text >= 'A' && *text <= 'Z' && c < 20000)
    c = c * 26 + (size_t)(*text++ - 'A' + 1);
  while (*text >= '0' && *text <= '9' && r < 20000000)
    r = r * 10 + (size_t)(*text++ - '0');
  if (*text || !c || !r) return false;
  *row = r - 1;
  *column = c - 1;
  return true;
}

static void sheet_start(struct part *part, const char *name, const char **attributes)
{
  if (strcmp(name, "row") == 0) {
    const char *r = attribute(attributes, "r");
    part->row = *r ? (size_t)strtoul(r, NULL, 10) - 1 : part->next_row;
    part->next_row = part->row + 1;
    part->next_column = 0;
  } else if (strcmp(name, "c") == 0) {
    const char *r = attribute(attributes, "r");
    part->column = part->next_column;
    if (*r && !cell_address(r, &part->row, &part->column)) part_fail(part, "a cell has a wrong address");
    part->next_column = part->column + 1;
    snprintf(part->type, sizeof part->type, "%s", attribute(attributes, "t"));
    part->style = (uint32_t)strtoul(attribute(attributes, "s"), NULL, 10);
    buf_clear(&part->text);
  } else if (strcmp(name, "v") == 0) {
    collect(part, true);
  } else if (strcmp(name, "t") == 0) {
    part->in_text = true; /* of an inline text, whose runs are joined */
  } else if (strcmp(name, "f") == 0 || strcmp(name, "rPh") == 0) {
    part->skip = part->depth;
  }
}

/* Days since 1899-12-30 (the format believes 1900 was a leap year; what lies before March is not a date here)
 * or since 1904-01-01. */
static bool date_text(const struct workbook *book, double serial, char out[11])
{
  if (book->date1904) serial += 1462;
  if (serial < 61 || serial > 400000) return false;
  date_format(out, date_add_days(19000301, (int)serial - 61));
  return true;
}

static void put_number(struct part *part, const char *text)
{
  char *end, shown[32];
  double value = strtod(text, &end);
  bool is_date =
      part->style < part->book->style_is_date.size && part->book->style_is_date.data[part->style] != 0;
  if (end == text || *end) {
    part_fail(part, "a number is none");
    return;
  }
  if (!is_date || !date_text(part->book, value, shown)) snprintf(shown, sizeof shown, "%.15g", value);
  if (!grid_put(part->book->grid, part->row, part->column, shown, strlen(shown), part->book->err))
    part_fail(part, NULL);
}

static void sheet_end(struct part *part, const char *name)
{
  if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
    part->in_text = false;
    return;
  }
  if (strcmp(name, "c") != 0 || !part->text.size) return;
  const char *text = collected(part);
  if (strcmp(part->type, "s") == 0 && !(text = shared_text(part->book, text))) {
    part_fail(part, "a cell names a text that is not there");
    return;
  }
  if (!*part->type || strcmp(part->type, "n") == 0)
    put_number(part, text);
  else if (!grid_put(part->book->grid, part->row, part->column, text, strlen(text), part->book->err))
    part_fail(part, NULL);
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
  if (part->failed) return;
  if (++part->depth > XLSX_DEPTH_MAX)
    part_fail(part, "its XML is nested too deep");
  else if (!part->skip)
    reader->start(part, local_name(name), attributes);
}

static void on_end(void *data, const char *name)
{
  struct part *part = data;
  const struct part_reader *reader = ((struct parse *)data)->reader;
  if (part->failed) return;
  if (!part->skip && reader->end) reader->end(part, local_name(name));
  if (part->skip == part->depth) part->skip = 0;
  part->depth--;
}

/* Inflates the current file of the zip into the parser, counting. */
static bool feed(struct parse *parse)
{
  struct part *part = &parse->part;
  struct workbook *book = part->book;
  char block[4096];
  for (;;) {
    int n = unzReadCurrentFile(book->zip, block, sizeof block);
    if (n < 0)
      return err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: its zip does not inflate");
    book->inflated += (size_t)n;
    if (book->inflated > XLSX_INFLATED_MAX)
      return err_rule(book->err, ERR_LIMIT, "", "file_size", "the workbook unpacks to more than %d bytes",
                      XLSX_INFLATED_MAX);
    if (XML_Parse(part->parser, block, n, n == 0) != XML_STATUS_OK || part->failed) {
      if (!part->failed)
        err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: %s",
                 XML_ErrorString(XML_GetErrorCode(part->parser)));
      return false;
    }
    if (n == 0) return true;
  }
}

/* A part that may be missing is no fault; *found says. */
static bool read_part(struct workbook *book, const char *path, const struct part_reader *reader, bool *found)
{
  *found = unzLocateFile(book->zip, path, 1) == UNZ_OK;
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
  if (ok && closed != UNZ_OK)
    ok = err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: %s has a wrong checksum", path);
  return ok;
}

static bool read_parts(struct workbook *book)
{
  static const struct part_reader workbook_reader = {workbook_start, NULL},
                                  relations_reader = {relations_start, NULL},
                                  styles_reader = {styles_start, styles_end},
                                  texts_reader = {texts_start, texts_end},
                                  sheet_reader = {sheet_start, sheet_end};
  bool found;
  if (!read_part(book, "xl/workbook.xml", &workbook_reader, &found)) return false;
  if (!found || !*book->sheet_relation)
    return err_rule(book->err, ERR_INPUT, "", "xlsx", "the file is a zip but no workbook with a sheet");
  if (!read_part(book, "xl/_rels/workbook.xml.rels", &relations_reader, &found) ||
      !read_part(book, "xl/styles.xml", &styles_reader, &found) ||
      !read_part(book, "xl/sharedStrings.xml", &texts_reader, &found) ||
      !read_part(book, book->sheet_path, &sheet_reader, &found))
    return false;
  if (!found)
    return err_rule(book->err, ERR_INPUT, "", "xlsx", "the workbook is damaged: its sheet is missing");
  return true;
}

bool xlsx_read(struct grid *out, const void *bytes, size_t size, struct err *err)
{
  if (size > HTTP_UPLOAD_MAX)
    return err_rule(err, ERR_LIMIT, "", "file_size", "the file has %zu bytes, at most %d are read", size,
                    HTTP_UPLOAD_MAX);
  struct memory memory = {.p = bytes, .size = size};
  struct workbook book = {.grid = out, .err = err, .zip = size ? open_zip(&memory) : NULL};
  if (!book.zip) return err_rule(err, ERR_INPUT, "", "xlsx", "the file is no XLSX workbook");
  unz_global_info about;
  bool ok = unzGetGlobalInfo(book.zip, &about) == UNZ_OK;
  if (!ok)
    err_rule(err, ERR_INPUT, "", "xlsx", "the file is no XLSX workbook");
  else if (about.number_entry > XLSX_PARTS_MAX)
    ok = err_rule(err, ERR_LIMIT, "", "file_size", "the workbook has %lu parts, at most %d are read",
                  about.number_entry, XLSX_PARTS_MAX);
  else
    ok = read_parts(&book);
  unzClose(book.zip);
  buf_wipe(&book.texts);
  buf_wipe(&book.text_at);
  buf_wipe(&book.date_formats);
  buf_wipe(&book.style_is_date);
  if (!ok) grid_wipe(out);
  return ok;
}
