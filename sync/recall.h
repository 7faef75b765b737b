/* recall.h - a province that lost its disk, put together again from what its branches bring.
 *
 * What it has to begin with is a backup, however old: the keys, and the log up to then.  Each branch brings
 * its own entries with their signatures, those of the province that were for it, and its mirror of the log:
 * whose entries stand where, when they came, and the province's other entries, sealed.  All of it is gathered
 * in a file beside the database, so that a line or a program may end at any time.  When every leaf up to the
 * largest checkpoint that any branch holds can be put in its place, the log is written on from the backup's
 * end, and its root must be the one in that checkpoint, which the province itself signed: nothing that was
 * brought is believed before that, and nothing else needs to be.  Then follow the province's own entries that
 * a branch was sent and had not seen in the log yet: signed by it, they hold their places in their streams.
 * They may be all that is missing (lost.h).
 *
 * The gathered file holds what branches brought and nothing of the backup; it is deleted when the work is
 * done. THREADS: any; they take turns on its lock.  Functions that fail leave what was gathered before. */
#ifndef SUNLIT_SYNC_RECALL_H
#define SUNLIT_SYNC_RECALL_H

#include "core/base/db.h"
#include "sync/keep_message.h"
#include "sync/merkle.h"
#include "sync/mirror.h"
#include "sync/recall_message.h"

struct recall;

enum { CAME_WITH_SIZE = 33 }; /* the serial of a certificate, in hex; "file-HEX" */

/* A branch that has brought all it has over a line, and the certificate it came with.  Two may come for one
 * branch: each is kept, and none of them is whom it says it is by that. */
struct recall_guest {
  uint32_t branch;
  uint32_t source;             /* of recall_arrive; 0: the branch's first */
  uint32_t epoch;              /* as it says */
  char serial[CAME_WITH_SIZE]; /* "": it came in a file, without one */
  int64_t until_ms;
  bool known; /* the backup has its certificate */
};

/* `gathered` is made when it is not there; `log` is the database of the backup, which is only read. */
bool recall_open(struct recall **out, const char *gathered, const char *log,
                 const uint8_t secret[SECRET_SIZE], struct err *err);
void recall_close(struct recall *recall); /* NULL is fine */

/* People say that this branch is to be waited for, though the log of the backup does not know it. */
bool recall_expect(struct recall *recall, uint32_t branch, struct err *err);
/* People say that it is done without this branch: all it brought before is forgotten, and it brings no more.
 */
bool recall_leave_out(struct recall *recall, uint32_t branch, struct err *err);
/* The same of one certificate, or file: others may come for that branch.  *had_come: something is forgotten.
 */
bool recall_leave_out_one(struct recall *recall, const char *came_with, bool *had_come, struct err *err);
/* People say that the log does not go to that checkpoint, whoever holds it; what they bring counts. */
bool recall_not_to(struct recall *recall, uint64_t size, const struct merkle_hash *root, struct err *err);
/* Each may bring so much, unpacked (RECALL_SOURCE_MAX): nobody fills the disk alone. */
enum { RECALL_SOURCES_MAX = 64 };
static const uint64_t RECALL_SOURCE_MAX = UINT64_C(8) << 30;
void recall_bound(struct recall *recall, uint64_t bytes);
/* People say that what nobody has brought is lost: its leaf stands in the log by its hash alone
 * (lost_leaf.h). */
void recall_lost_too(struct recall *recall, bool lost_too);
/* What was found wrong with mirrors is forgotten: they are tried again. */
bool recall_try_again(struct recall *recall, struct err *err);
/* What is taken from now on is in a file, which has its end: a branch over a line brings no more entries of
 * its own than the checkpoints shown have leaves.  Before there are lines. */
void recall_from_file(struct recall *recall, bool from_file);
bool recall_left_out(struct recall *recall, const struct recall_guest *guest, bool *left_out,
                     struct err *err);
/* Whoever brings something is a source: a branch, and the serial of its certificate, or a name for its file.
 * What one brings keeps nobody else from bringing other things for the same branch.  ERR_DENIED: it has
 * RECALL_SOURCES_MAX already. */
bool recall_arrive(struct recall *recall, uint32_t branch, const char *came_with, uint32_t *source,
                   struct err *err);
/* What the source need not bring. */
bool recall_have(struct recall *recall, uint32_t source, struct recall_marks *have, struct err *err);
/* What a source brings.  ERR_DENIED, ERR_REFUTED or ERR_INPUT: it is not what it must be, the branch is to be
 * sent away; other errors are of our own disk. */
bool recall_take_answer(struct recall *recall, uint32_t source, const struct recalled *m, int64_t now_ms,
                        struct err *err);
bool recall_take_signatures(struct recall *recall, uint32_t source, struct signatures *m, struct err *err);
bool recall_take_tiles(struct recall *recall, uint32_t source, struct tiles *m, struct err *err);
bool recall_take_mirror(struct recall *recall, uint32_t source, struct mirror_reader *m, struct err *err);
/* A BATCH frame's body. */
bool recall_take_batch(struct recall *recall, uint32_t source, const void *p, size_t n, struct err *err);
/* The branch has brought all it said it would: in one step it counts as one that has, and its certificate is
 * kept. */
bool recall_take_end(struct recall *recall, const struct recall_guest *guest, int64_t now_ms,
                     struct err *err);
/* Those that came over a line since opening; the array is the caller's to free. */
bool recall_guests(struct recall *recall, struct recall_guest **out, size_t *count, struct err *err);

/* Entries that stand in the log by a branch's mirror and that nobody has brought yet. */
struct recall_gap {
  struct mirror_run run; /* the run they are of */
  uint64_t missing;      /* of them */
};
enum { RECALL_GAPS_MAX = 8, RECALL_FAULTS_MAX = 16, RECALL_RIVALS_SHOWN = 4, RECALL_BRANCHES_MAX = 4096 };

/* What a branch brought that is not so. */
struct recall_fault {
  uint32_t branch;
  char came_with[CAME_WITH_SIZE];
  char why[340];
};

/* Several came for one branch, and from this entry on they brought different ones: the root says which were
 * in the log. */
struct recall_rival {
  uint32_t branch;
  uint64_t seq;
  struct {
    char came_with[CAME_WITH_SIZE];
    uint64_t through;
  } of[RECALL_RIVALS_SHOWN];
  size_t count;
};

/* One of several roots that the province signed at the target's size, and who holds it. */
struct recall_past {
  struct merkle_hash root;
  struct {
    uint32_t branch;
    char came_with[CAME_WITH_SIZE];
  } of[RECALL_RIVALS_SHOWN];
  size_t count; /* all who hold it, though not all are named */
};
enum { RECALL_PASTS_SHOWN = 4 };

/* Every branch's mirror is judged for itself: what is said here is of the one that leads furthest and lacks
 * least. */
struct recall_state {
  uint64_t have;      /* leaves of the backup */
  uint64_t target;    /* of the largest checkpoint a branch holds; 0: none has shown one */
  uint32_t shown_by;  /* that branch */
  uint32_t mirror_of; /* the branch whose mirror it is; 0: there is none */
  uint64_t mapped;    /* leaves whose place is known, from 0 */
  uint64_t missing;   /* of these, not brought yet */
  bool whole;         /* nothing is missing: it can be tried */
  bool by_tiles;      /* a list of tiles is proved to be the log's: what is said here is of that */
  bool looking;       /* there is more to look at */
  bool can_lose;      /* of all that is missing the leaf's hash is known, and whose it is */
  bool said_lost;     /* all that is missing was lost before: the log says so, and its branches lack it too */
  bool hopeless;      /* all mirrors that lead to the target were wrong */
  size_t void_count;  /* mirrors that are not used */
  struct recall_fault faults[RECALL_FAULTS_MAX];
  size_t fault_count;
  struct recall_rival rivals[RECALL_FAULTS_MAX];
  size_t rival_count;
  struct recall_past pasts[RECALL_PASTS_SHOWN];
  size_t past_count; /* 0: nobody holds another root of the target's size */
  struct recall_gap gaps[RECALL_GAPS_MAX];
  size_t gap_count;
  size_t known; /* branches whose key in force the backup has: 0, and it cannot say who there was */
  uint32_t brought[RECALL_BRANCHES_MAX]; /* branches that have brought all they have */
  size_t brought_count;
  uint32_t waiting[RECALL_BRANCHES_MAX]; /* of the backup, of that mirror, expected or begun: have not */
  size_t waiting_count;
};
/* How far it is. */
bool recall_look(struct recall *recall, struct recall_state *out, struct err *err);

/* Does `log`, a province's database, begin with the largest checkpoint that a branch has shown?  *size is
 * that one's; 0 when none has shown one, or the log is shorter. */
bool recall_begins(struct recall *recall, const char *log, uint64_t *size, bool *begins, struct err *err);

enum { RECALL_ALONE_NAMED = 16 };
struct recall_report {
  uint64_t from; /* leaves the backup had */
  uint64_t size; /* and the log has now, */
  uint64_t tail; /* before these of the province's own that a branch was sent and had not witnessed */
  struct merkle_hash root;
  uint32_t mirror_of; /* the branch whose mirror, or list of tiles, led there */
  uint64_t lost;      /* leaves of which only the hash is there */
  /* So many hold a checkpoint that the log does not continue: they refuse the province then. */
  size_t alone_count;
  uint32_t alone[RECALL_ALONE_NAMED];
};
/* Writes the log on in `copy`, a copy of the backup's database that nobody uses, up to the target.  The
 * tables are not touched: rebuild.h folds them.  ERR_CONFLICT rule "nothing_missing": nobody has brought
 * anything that is not here.  ERR_MISSING: leaves are missing, err names the first and whose it is.
 * ERR_REFUTED rule "other_root": no mirror that was whole leads to the root that was signed; they
 * are not tried again, and recall_look tells what was wrong with them, and who has witnessed what this log
 * does not continue. */
bool recall_assemble(struct recall *recall, const char *copy, struct recall_report *report, struct err *err);

#endif
