/* now.h - what a running branch says of itself in D/now, for `status` beside it.
 *
 * What only the program knows: that its disk refuses writes, why its line is down or cannot go on.  The file
 * is made at start, of one size, and written over in place once a second: a disk that is full has room for
 * it.  It says when it was written, so a program that was killed says nothing for long.  THREADS: main's. */
#ifndef SUNLIT_NODE_NOW_H
#define SUNLIT_NODE_NOW_H

#include "node/node.h"

struct now {
  int64_t at_ms;          /* when the program wrote it */
  struct trouble trouble; /* why nothing can be saved; rule "" when all can */
  enum link_state link;
  int64_t off_ms;  /* how far its clock is ahead; 0: nothing speaks against it */
  char error[48];  /* why the last try failed, while the line is down */
  char stall[160]; /* the line cannot go on by itself, and why; "" */
  char stall_rule[48];
};

/* -1 when the file cannot be made: then `status` does without. */
int now_open(const struct data_dir *dir);
void now_write(int file, struct node *node);
/* At the end: the program says nothing any more. */
void now_close(int file);
enum now_answer { NOW_STOPPED, NOW_SILENT /* it runs and says nothing: it hangs, or its disk */, NOW_SAID };
enum now_answer now_read(const struct data_dir *dir, struct now *out);

#endif
