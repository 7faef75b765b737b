/* app.h - what every part of a running program stands on, whichever of the two it is.
 *
 * HTTP handlers get it as their `void *app`; struct node and struct hub begin with it, so a handler that
 * belongs to one program casts (node_of, hub_of).  Handlers change data through app_commit and app_local
 * alone: they remember a full or damaged disk for the status page, and wake the line when there is something
 * to send. THREADS: the fields are set before the first thread starts and never change; the functions may be
 * called from any thread. */
#ifndef SUNLIT_PROGRAM_APP_H
#define SUNLIT_PROGRAM_APP_H

#include "core/base/data_dir.h"
#include "core/base/readers.h"
#include "sync/store.h"

#include <pthread.h>

enum app_kind { APP_NODE, APP_HUB };

enum { PROVINCE_CODE = 330000 };

/* Why a person is needed; rule "" when nobody is. */
struct trouble {
  char rule[48];
  char text[200];
  int64_t since_ms;
};

struct app {
  enum app_kind kind;
  uint32_t code; /* the branch, or the province: the author of what this program writes */
  struct data_dir dir;
  struct store *store;
  struct readers *readers;
  int64_t started_ms;
  void (*wake)(struct app *app); /* new entries exist: the line has work */
  pthread_mutex_t lock;
  struct trouble trouble; /* under lock */
};

/* store_commit, with the trouble noted and the line woken. */
bool app_commit(struct app *app, const struct act *act, store_work work, void *ctx, struct done *done,
                struct err *err);
/* store_local, with the trouble noted. */
bool app_local(struct app *app, store_work work, void *ctx, struct err *err);

/* A write went wrong (IO or CORRUPT is remembered and logged once) or right (the trouble is over). */
void app_note(struct app *app, const struct err *err);
void app_trouble(struct app *app, struct trouble *out);

#endif
