/* answer.h - from a finished request to its one reply: a value, a workbook of the same list, or a refusal.
 *
 * A reading is a function that writes one JSON value from a read connection.  answer_reading replies with
 * that value; answer_workbook calls the same function with paging off and lays its items out in columns, so a
 * list and its export can not differ.  Errors have the status docs/openapi.yaml gives their rule. THREADS:
 * the request's. */
#ifndef SUNLIT_SITE_ANSWER_H
#define SUNLIT_SITE_ANSWER_H

#include "core/base/json_out.h"
#include "core/domain/bookmark.h"
#include "core/domain/describe.h"
#include "core/domain/faults.h"
#include "site/site.h"

typedef bool answer_read(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                         struct err *err);

void answer_reading(struct web_request *request, struct app *app, answer_read *read);

enum cell {
  CELL_TEXT,
  CELL_INT,
  CELL_FEN, /* shown in yuan */
  CELL_REAL,
  CELL_DATE,
  CELL_MS,
  CELL_WORD,    /* a word of the domain, in Chinese */
  CELL_YES,     /* 是 or nothing */
  CELL_YES_NO,  /* 是 or 否, to filter by */
  CELL_SEASONS, /* 8月—次年1月 */
  CELL_PLACE,   /* 已存本行, 省中心已收, 省中心未接受 */
  CELL_NAMED,   /* an action, by describe_action */
  CELL_RULE,    /* by describe_rule */
  CELL_SITE     /* a state of a branch, an entry or a licence to upgrade */
};

struct list_column {
  const char *path; /* of the member in an item, "own_price.price_fen" */
  const char *title;
  enum cell cell;
  int width;
  const char *word; /* CELL_WORD: the column whose words these are; NULL: as path */
};

struct list_sheet {
  const char *name;  /* of the sheet and, with the day, of the file */
  const char *items; /* the member that holds the list */
  const struct list_column *columns;
  size_t count;
};

/* HEAD of a file: nothing is made, so nothing is recorded.  True: it has replied. */
bool answer_head_only(struct web_request *request, const char *type);
void answer_workbook(struct web_request *request, struct app *app, answer_read *read,
                     const struct list_sheet *sheet);
/* A workbook that holds no records, to be filled in: made in the same turn, and no export. */
typedef bool make_workbook(struct app *app, struct db *db, struct buf *out, struct err *err);
void answer_template(struct web_request *request, struct app *app, make_workbook *make, const char *name);
/* What a route with pages reads besides its own parameters. */
#define ANSWER_PAGED " after limit"
/* after and limit of the query; of a workbook the beginning and EXPORT_ROWS_MAX.  `next` is what next_out
 * writes.  An `after` that another list gave, or this one in another order or by another filter, is refused.
 */
bool answer_page(struct web_request *request, struct page *page, struct bookmark *next, struct err *err);
/* The members "total", of a list that has a workbook, and "export_most": how many of these the workbook
 * gives. */
void total_out(struct json_out *out, int64_t total);
/* The member "next": what to give as `after` for the page behind this one; null at the end. */
void next_out(struct json_out *out, const struct bookmark *next);
/* The branch asked for, 0 for all; at a node its own, and another is refused: it is not here. */
bool answer_query_branch(struct web_request *request, const struct app *app, uint32_t *branch,
                         struct err *err);
/* A day of the query as yyyymmdd; 0 when absent. */
bool answer_query_date(struct web_request *request, const char *name, int *date, struct err *err);
/* The query parameter is one of the words, ended by NULL; *index of it, -1 when absent. */
bool answer_query_word(struct web_request *request, const char *name, const char *const *words, int *index,
                       struct err *err);

/* lang=en asks for English words where an answer has any; Chinese without. */
enum language answer_language(struct web_request *request);

void answer_err(struct web_request *request, const struct err *err);
/* The first fault, and all of them in "errors", each with its own figures; params (JSON object text) are
 * those of err and may be NULL. */
void answer_faults(struct web_request *request, const struct err *err, const struct faults *faults,
                   const char *params);
/* Replies with what was written, or 503 when there was no memory for it; wipes out. */
void answer_out(struct web_request *request, int status, struct json_out *out);
int answer_status(const struct err *err);
/* The member "errors" of a refused sheet: row, column, rule, text. */
void row_faults_out(struct json_out *out, const struct faults *faults);
/* The member "trouble": why this program needs a person, or null. */
void trouble_out(struct json_out *out, const struct trouble *trouble);
void fault_out(struct json_out *out, const char *key, const struct err *err, const char *params);

#endif
