#include "core/domain/seed.h"

#include "core/base/csv_read.h"
#include "core/domain/catalogue.h"
#include "core/domain/division.h"

#include <stdlib.h>
#include <string.h>

extern const unsigned char seed_divisions_csv[], seed_produce_csv[], seed_gi_evidence_csv[],
    seed_closed_seasons_csv[];
extern const size_t seed_divisions_csv_size, seed_produce_csv_size, seed_gi_evidence_csv_size,
    seed_closed_seasons_csv_size;

bool seed_divisions(struct tx *tx, struct err *err)
{
  static const char *const names[] = {"code", "name_zh", "pinyin", "name_en", "prefecture_code", "level"};
  struct grid grid = GRID_INIT;
  if (!csv_read(&grid, seed_divisions_csv, seed_divisions_csv_size, err)) return false;
  int at[6];
  bool ok = true;
  for (int i = 0; i < 6; i++) {
    at[i] = grid_column(&grid, 0, names[i]);
    ok = ok && at[i] >= 0;
  }
  if (!ok) err_set(err, ERR_CORRUPT, "the seed of divisions lacks a column");
  for (size_t i = 1; ok && i < grid.rows; i++) {
    struct division row = {.code = (uint32_t)strtoul(grid_cell(&grid, i, (size_t)at[0]), NULL, 10),
                           .name_zh = grid_cell(&grid, i, (size_t)at[1]),
                           .pinyin = grid_cell(&grid, i, (size_t)at[2]),
                           .name_en = grid_cell(&grid, i, (size_t)at[3]),
                           .prefecture_code = (uint32_t)strtoul(grid_cell(&grid, i, (size_t)at[4]), NULL, 10),
                           .county = strcmp(grid_cell(&grid, i, (size_t)at[5]), "county") == 0};
    ok = division_add(tx, &row, err);
  }
  grid_wipe(&grid);
  return ok && catalogue_raise(tx, false, err);
}

bool seed_open(struct catalogue_import **out, struct db *db, struct err *err)
{
  struct catalogue_import *import = NULL;
  if (!catalogue_import_open(&import, db, seed_produce_csv, seed_produce_csv_size, NULL, err)) return false;
  bool ok = catalogue_import_basis(import, seed_gi_evidence_csv, seed_gi_evidence_csv_size, NULL, err) &&
            catalogue_import_closed(import, seed_closed_seasons_csv, seed_closed_seasons_csv_size, NULL, err);
  if (!ok) {
    catalogue_import_close(import);
    return false;
  }
  *out = import;
  return true;
}
