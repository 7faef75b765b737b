#include "core/base/xlsx_write.h"
#include "core/base/clock.h"
#include "core/base/xstring.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum {
  TEXT_MAX = 32767,           /* bytes of a cell, of the file format */
  ZIP_STACK_SIZE = 512 * 1024 /* the library zips with 66 KiB of buffers on the stack */
};

struct xlsx_writer {
  lxw_workbook *book;
  lxw_worksheet *sheet;
  lxw_format *heading, *text, *fen, *real, *date, *time, *fault;
  uint32_t row;
  uint16_t column;
  int fd; /* the file, in memory: the library of Debian 12 can only write to a name */
  lxw_error bad;
};

static lxw_format *format_new(struct xlsx_writer *book, const char *number)
{
  lxw_format *format = workbook_add_format(book->book);
  if (!format)
    book->bad = LXW_ERROR_MEMORY_MALLOC_FAILED;
  else if (number)
    format_set_num_format(format, number);
  return format;
}

static void make_formats(struct xlsx_writer *book)
{
  book->text = format_new(book, "@");
  book->fen = format_new(book, "#,##0.00");
  book->real = format_new(book, "0.###");
  book->date = format_new(book, "yyyy-mm-dd");
  book->time = format_new(book, "yyyy-mm-dd hh:mm:ss");
  book->heading = format_new(book, NULL);
  book->fault = format_new(book, "@");
  if (book->bad) return;
  format_set_bold(book->heading);
  format_set_bottom(book->heading, LXW_BORDER_MEDIUM);
  format_set_bg_color(book->fault, 0xF6DAD3);
  format_set_text_wrap(book->fault);
}

struct xlsx_writer *xlsx_writer_open(struct err *err)
{
  struct xlsx_writer *book = calloc(1, sizeof *book);
  if (!book) {
    err_set(err, ERR_IO, "no memory for a workbook");
    return NULL;
  }
  char path[40];
  book->fd = memfd_create("workbook", MFD_CLOEXEC);
  snprintf(path, sizeof path, "/proc/self/fd/%d", book->fd);
  /* A row is written to the library's scratch file when the next begins: memory does not grow with the sheet.
   */
  lxw_workbook_options options = {.constant_memory = LXW_TRUE};
  if (book->fd >= 0) book->book = workbook_new_opt(path, &options);
  if (!book->book) {
    err_set(err, ERR_IO, "no memory for a workbook");
    if (book->fd >= 0) close(book->fd);
    free(book);
    return NULL;
  }
  make_formats(book);
  return book;
}

void xlsx_writer_made(struct xlsx_writer *book, int64_t ms)
{
  lxw_doc_properties properties = {.created = (time_t)(ms / 1000)};
  workbook_set_properties(book->book, &properties);
}

static void note(struct xlsx_writer *book, lxw_error error)
{
  if (!book->bad) book->bad = error;
}

/* The text as a cell may hold it: XML has no controls and no noncharacters, and what is stored may be older
 * than the rule of text.  Longer than the format holds, which only an entry's decoded text can be: the
 * beginning, whole characters. */
static void cell_text(struct xlsx_writer *book, const char *text, lxw_format *format)
{
  uint16_t column = book->column++;
  if (book->bad || !text || !*text) return;
  struct buf clean = {.max = 0};
  xstring_encode(&clean, text, TEXT_MAX);
  note(book, clean.bad
                 ? LXW_ERROR_MEMORY_MALLOC_FAILED
                 : worksheet_write_string(book->sheet, book->row, column, (const char *)clean.data, format));
  buf_wipe(&clean);
}

/* Chinese characters are about twice as wide as the digits a column is measured in. */
static int shown_width(const char *text)
{
  int width = 0;
  for (; *text; text++)
    if (((unsigned char)*text & 0xC0) != 0x80) width += (unsigned char)*text >= 0xE0 ? 2 : 1;
  return width;
}

void xlsx_writer_sheet(struct xlsx_writer *book, const char *name, const struct xlsx_column *columns,
                       size_t count)
{
  if (book->bad) return;
  book->sheet = workbook_add_worksheet(book->book, name);
  if (!book->sheet) {
    note(book, LXW_ERROR_SHEETNAME_LENGTH_EXCEEDED);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    int width = columns[i].width ? columns[i].width : shown_width(columns[i].title) + 3;
    note(book, worksheet_set_column(book->sheet, (lxw_col_t)i, (lxw_col_t)i, width, NULL));
  }
  book->row = 0;
  book->column = 0;
  for (size_t i = 0; i < count; i++)
    cell_text(book, columns[i].title, book->heading);
  if (count > 1) {
    worksheet_freeze_panes(book->sheet, 1, 0);
  }
  book->row = 1;
  book->column = 0;
}

void xlsx_writer_text(struct xlsx_writer *book, const char *text)
{
  cell_text(book, text, book->text);
}

void xlsx_writer_fault(struct xlsx_writer *book, const char *text)
{
  cell_text(book, text, book->fault);
}

static void cell_number(struct xlsx_writer *book, double value, lxw_format *format)
{
  uint16_t column = book->column++;
  if (!book->bad) note(book, worksheet_write_number(book->sheet, book->row, column, value, format));
}

void xlsx_writer_int(struct xlsx_writer *book, int64_t value)
{
  cell_number(book, (double)value, NULL);
}

void xlsx_writer_fen(struct xlsx_writer *book, int64_t fen)
{
  cell_number(book, (double)fen / 100.0, book->fen);
}

void xlsx_writer_real(struct xlsx_writer *book, double value)
{
  cell_number(book, value, book->real);
}

/* A spreadsheet counts days from 1899-12-30. */
static double serial_of_date(int date)
{
  return date_days_between(19000301, date) + 61;
}

void xlsx_writer_date(struct xlsx_writer *book, int date)
{
  if (date)
    cell_number(book, serial_of_date(date), book->date);
  else
    book->column++;
}

void xlsx_writer_time(struct xlsx_writer *book, int64_t ms)
{
  if (!ms) {
    book->column++;
    return;
  }
  int date = date_of_ms(ms);
  int64_t seconds = (ms - date_start_ms(date)) / 1000;
  double day = (double)seconds / 86400.0;
  cell_number(book, serial_of_date(date) + day, book->time);
}

void xlsx_writer_row(struct xlsx_writer *book)
{
  book->row++;
  book->column = 0;
}

void xlsx_writer_choice(struct xlsx_writer *book, int column, int first, int last, const char *range)
{
  char formula[120];
  snprintf(formula, sizeof formula, "%s", range);
  lxw_data_validation validation = {.validate = LXW_VALIDATION_TYPE_LIST_FORMULA, .value_formula = formula};
  if (!book->bad)
    note(book, worksheet_data_validation_range(book->sheet, (lxw_row_t)first, (lxw_col_t)column,
                                               (lxw_row_t)last, (lxw_col_t)column, &validation));
}

void xlsx_writer_choice_words(struct xlsx_writer *book, int column, int first, int last,
                              const char *const *words)
{
  const char *list[16] = {0};
  for (int i = 0; i < 15 && words[i]; i++)
    list[i] = words[i];
  /* The library takes it as char **, and copies it. */
  lxw_data_validation validation = {.validate = LXW_VALIDATION_TYPE_LIST};
  memcpy(&validation.value_list, &(const char **){list}, sizeof validation.value_list);
  if (!book->bad)
    note(book, worksheet_data_validation_range(book->sheet, (lxw_row_t)first, (lxw_col_t)column,
                                               (lxw_row_t)last, (lxw_col_t)column, &validation));
}

void xlsx_writer_as_text(struct xlsx_writer *book, int column, int width)
{
  if (!book->bad)
    note(book, worksheet_set_column(book->sheet, (lxw_col_t)column, (lxw_col_t)column, width, book->text));
}

static void *zip(void *ctx)
{
  struct xlsx_writer *book = ctx;
  note(book, workbook_close(book->book));
  return NULL;
}

/* A thread of the pages has a stack of 100 KiB, so the zip is made on one of its own. */
static void close_book(struct xlsx_writer *book)
{
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, ZIP_STACK_SIZE);
  if (pthread_create(&thread, &attributes, zip, book) == 0)
    pthread_join(thread, NULL);
  else
    note(book, LXW_ERROR_MEMORY_MALLOC_FAILED); /* what the library holds is lost: better than the process */
  pthread_attr_destroy(&attributes);
}

bool xlsx_writer_close(struct xlsx_writer *book, struct buf *out, struct err *err)
{
  bool ok = false;
  close_book(book);
  struct stat stat;
  if (book->bad)
    err_set(err, ERR_IO, "the workbook could not be written: %s", lxw_strerror(book->bad));
  else if (fstat(book->fd, &stat) || stat.st_size <= 0)
    err_set(err, ERR_IO, "the workbook could not be read back");
  else {
    size_t size = (size_t)stat.st_size, got = 0;
    uint8_t *to = buf_reserve(out, size);
    while (to && got < size) {
      ssize_t n = pread(book->fd, to + got, size - got, (off_t)got);
      if (n <= 0) break;
      got += (size_t)n;
    }
    ok = to && got == size;
    if (!ok) err_set(err, ERR_IO, "no memory for a workbook of %zu bytes", size);
  }
  close(book->fd);
  free(book);
  return ok;
}
