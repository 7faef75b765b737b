/* files.h - a fresh folder for one test, gone when it ends. */
#ifndef SUNLIT_TEST_FILES_H
#define SUNLIT_TEST_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int folder_make(void **state)
{
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/sunlit-test-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
  (void)st;
  (void)flag;
  (void)at;
  return remove(path);
}

static int folder_remove(void **state)
{
  (void)state;
  return nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *in_folder(const char *name)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

#define test_in_folder(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)

#endif
