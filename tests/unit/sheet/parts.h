/* parts.h - a workbook of given parts, as anybody could send it. Include it once in each test program. */
#ifndef SUNLIT_TESTS_SHEET_PARTS_H
#define SUNLIT_TESTS_SHEET_PARTS_H

#include "core/base/xlsx_read.h"

#include <fcntl.h>
#include <minizip/zip.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

struct file {
  const char *name;
  const char *text;
  size_t repeat; /* text that many times; 0: once */
};

__attribute__((unused)) static void make_zip(struct buf *out, const struct file *files, size_t count)
{
  char path[] = "/tmp/sunlit-xlsx-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  zipFile zip = zipOpen(path, APPEND_STATUS_CREATE);
  assert_non_null(zip);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(zipOpenNewFileInZip(zip, files[i].name, NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 1),
                     ZIP_OK);
    for (size_t n = 0; n < (files[i].repeat ? files[i].repeat : 1); n++)
      assert_int_equal(zipWriteInFileInZip(zip, files[i].text, (unsigned)strlen(files[i].text)), ZIP_OK);
    assert_int_equal(zipCloseFileInZip(zip), ZIP_OK);
  }
  assert_int_equal(zipClose(zip, NULL), ZIP_OK);
  char block[4096];
  for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;)
    put_bytes(out, block, (size_t)n);
  close(fd);
  unlink(path);
}

#define WORKBOOK                                                                                             \
  "<workbook xmlns:r='r'><sheets><sheet name='a' sheetId='1' state='hidden' r:id='x'/><sheet name='b' "      \
  "sheetId='2' r:id='y'/></sheets></workbook>"
#define RELATIONS                                                                                            \
  "<Relationships><Relationship Id='x' Target='worksheets/sheet1.xml'/><Relationship Id='y' "                \
  "Target='/xl/worksheets/sheet2.xml'/></Relationships>"

__attribute__((unused)) static bool read_sheet(struct grid *grid, const char *sheet, const char *texts,
                                               const char *styles, struct err *err)
{
  struct file files[] = {{"xl/workbook.xml", WORKBOOK, 0},
                         {"xl/_rels/workbook.xml.rels", RELATIONS, 0},
                         {"xl/sharedStrings.xml", texts ? texts : "<sst/>", 0},
                         {"xl/styles.xml", styles ? styles : "<styleSheet/>", 0},
                         {"xl/worksheets/sheet1.xml", "<worksheet/>", 0},
                         {"xl/worksheets/sheet2.xml", sheet, 0}};
  struct buf zip = BUF_INIT;
  make_zip(&zip, files, sizeof files / sizeof *files);
  bool ok = xlsx_read(grid, zip.data, zip.size, NULL, err);
  buf_wipe(&zip);
  return ok;
}

__attribute__((unused)) static bool read_files(struct grid *grid, const struct file *files, size_t count,
                                               grid_fits *fits, struct err *err)
{
  struct buf zip = BUF_INIT;
  make_zip(&zip, files, count);
  bool ok = xlsx_read(grid, zip.data, zip.size, fits, err);
  buf_wipe(&zip);
  return ok;
}

#define TYPE(name) "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/" name "' "
#define CELL(text) "<worksheet><row><c t='inlineStr'><is><t>" text "</t></is></c></row></worksheet>"

#endif
