/* faults.h - everything that is wrong with one input, not only the first thing.
 *
 * A check appends and goes on; the caller refuses when count is not zero.  At most FAULTS_MAX are kept, total
 * goes on counting.  row is the line of a table in a file (the header is 1), 0 for a form; err.field is the
 * column or field, err.rule a stable word, err.text one sentence with the value.  faults may be NULL wherever
 * a function takes it: then only the first fault is reported, through err. */
#ifndef SUNLIT_DOMAIN_FAULTS_H
#define SUNLIT_DOMAIN_FAULTS_H

#include "core/base/err.h"
#include "core/base/limits.h"

#include <stddef.h>
#include <stdint.h>

struct fault {
  int64_t row;
  struct err err;
  char column[80];      /* of a sheet: its column as the sheet calls it; "" elsewhere */
  char value[80];       /* what stands there, as much as fits */
  char choices[2][160]; /* rule one_of of a sheet: what may stand there, Chinese and English */
  char params[240];     /* JSON object with the figures of the rule; "" without */
};

struct faults {
  struct fault *list;
  size_t count;
  size_t room;
  size_t total;
};

void faults_add(struct faults *faults, int64_t row,
                const struct err *what); /* copied; NULL faults: dropped */
/* Where a fault of a sheet stands, and what was written there. */
void faults_show(struct fault *fault, const char *column, const char *value);
/* What may stand there instead: words parted by 、 and by commas. */
void faults_choices(struct fault *fault, const char *const *zh, const char *const *en);
/* The figures its sentence needs, of which there are few; NULL: none. */
void faults_figures(struct fault *fault, const char *params);
/* Both are in the order of rows, and so are they together; more is wiped. */
void faults_merge(struct faults *faults, struct faults *more);
void faults_wipe(struct faults *faults);

/* One check in progress: where its faults go.  The first one is also the caller's error. */
struct check {
  struct faults *faults;
  int64_t row;
  struct err *err;
  bool bad;
};
void check_add(struct check *check, const struct err *what);
void check_fault(struct check *check, enum err_kind kind, const char *field, const char *rule,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
