/* recall_state.h - what the parts of recall.h share: recall.c and recall_mirror.c gather, recall_own.c keeps
 * a branch's entries and recall_ours.c the province's, recall_keys.c proves keys, recall_let_go.c knows what
 * is no target, recall_fork.c finds two roots of one size, recall_look.c judges what is there,
 * recall_assemble.c puts it together; recall_tiles.h is what branches keep in tiles.
 *
 * All under the recall's lock, and what writes inside recall_begin and recall_end. */
#ifndef SUNLIT_SYNC_RECALL_STATE_H
#define SUNLIT_SYNC_RECALL_STATE_H

#include "sync/batch.h"
#include "sync/lost_said.h"
#include "sync/note.h"
#include "sync/recall.h"

#include <pthread.h>

/* Which list of tile hashes is the log's (recall_tiles.h). */
struct tiles_plan {
  bool any;                     /* somebody has brought a list that reaches as far */
  bool proved;                  /* and this one leads there */
  uint32_t source;              /* 0: no list is needed, the backup has all full tiles */
  uint64_t target, tiles;       /* leaves; full tiles of them */
  struct merkle_hash open_root; /* of the open tile alone, when there is one: what its leaves must make */
};

/* A turn through all tiles that looks which entries are here. */
enum { TILES_LACKING_MAX = 512 };
struct tiles_looking {
  bool begun;
  uint64_t next;    /* the tile to look at */
  uint64_t missing; /* leaves without an entry */
  uint64_t unsaid;  /* of these, that the province has not said are lost (recall_said.c) */
  bool unproved;    /* of some of them not even the hash is known, or nobody says whose they are */
  struct recall_gap gaps[RECALL_GAPS_MAX];
  size_t gap_count;
  uint32_t lacking[TILES_LACKING_MAX]; /* whose they are */
  size_t lacking_count;
};

struct recall {
  pthread_mutex_t lock;
  struct db *db;  /* what was gathered */
  struct db *log; /* of the backup, for reading */
  uint32_t province;
  uint64_t have; /* leaves of the backup */
  struct note_key log_key;
  uint8_t secret[SECRET_SIZE];
  uint8_t mirror_key[BOX_KEY_SIZE];
  bool from_file; /* what is taken now */
  uint64_t source_max;
  uint64_t kept; /* since recall_begin: bytes on the disk that were not here before */
  bool lost_too; /* people say: what nobody brings is lost */
  struct tiles_plan plan;
  bool plan_known, plan_news;           /* something was brought since */
  struct tiles_looking looking, looked; /* the turn that goes on, and the last one */
  bool look_news;
  struct lost_said said_lost, said_found; /* by the province, in what was brought of it */
};

/* A source is who says something: a branch's code, and a million more for each further thing that one came
 * with (recall_arrive). */
enum { SOURCE_STEP = 1000000 };
uint32_t recall_code(uint32_t source);
/* May a log of this province have it?  A branch has one stream. */
bool recall_is_stream(const struct recall *r, struct stream stream);

bool recall_begin(struct recall *r, struct err *err); /* takes the lock */
bool recall_end(struct recall *r, bool ok, struct err *err);

/* The first leaf that the source's runs do not have. */
bool recall_mapped(struct recall *r, uint32_t source, uint64_t *pos, struct err *err);
/* The newest entry of a stream that is here, brought or of the backup. */
bool recall_through(struct recall *r, struct stream stream, uint64_t *seq, struct err *err);
/* What was kept since recall_begin is counted for who brought it, and what is here already for nobody, for
 * sources of one branch bring the same, each time they call.  ERR_DENIED rule "brought_too_much". */
bool recall_spend(struct recall *r, uint32_t source, struct err *err);
bool recall_bound_of(struct recall *r, uint32_t source, uint64_t *bound, struct err *err);
/* The largest checkpoint shown that was not let go; size 0: none.  note and source may be NULL. */
bool recall_largest(struct recall *r, uint64_t *size, struct merkle_hash *root, struct buf *note,
                    uint32_t *source, struct err *err);
bool recall_limit(struct recall *r, uint64_t *size, struct err *err);

/* What a source brought is not so.  Void: its mirror is not used.  The first words stay; "": somebody else's
 * fault. */
bool recall_blame(struct recall *r, uint32_t source, bool is_void, const char *why, struct err *err);
bool recall_is_void(struct recall *r, uint32_t source, bool *is_void, struct err *err);

/* Mirrors by how far they reach, those that are not void.  `through`: they have a run that ends there. */
struct mirrors {
  struct {
    uint32_t source;
    uint64_t through, missing;
  } of[RECALL_BRANCHES_MAX];
  size_t count;
};
bool mirrors_list(struct recall *r, uint64_t target, struct mirrors *out, struct err *err);
struct mirror_run recall_run_in_hand(const struct query *q);
struct query recall_runs_of(struct recall *r, uint32_t source, uint64_t from, uint64_t to, struct err *err);

/* ---- the province's entries (recall_ours.c) ----
 * Kept by their hash, for two branches may hold two pasts of the province, or one of them none that was.
 * Where a source stands in a lane is its tip: from there the chain leads back through its own past. */
struct ours_tip {
  uint64_t seq;
  uint8_t hash[HASH_SIZE];
  bool is_base; /* it has brought none: the backup's newest */
};

/* Does an entry that names `prev` follow there?  Of what a source brought only the record's hash is known. */
bool ours_follows(struct recall *r, struct stream stream, const struct ours_tip *tip,
                  const uint8_t prev[HASH_SIZE], bool *yes, struct err *err);
bool ours_tables(struct db *gathered, struct err *err);
bool ours_clear(struct db *gathered, struct err *err);
bool ours_tip(struct recall *r, uint32_t source, uint32_t lane, struct ours_tip *tip, struct err *err);
bool ours_through(struct recall *r, uint32_t lane, uint64_t *seq, struct err *err);
bool ours_add_batch(struct recall *r, uint32_t source, const struct batch *batch, struct err *err);
/* Of a mirror: what does not open is passed over. */
bool ours_add_sealed(struct recall *r, uint32_t source, const struct mirror_entry *entry,
                     const struct record *record, struct err *err);
/* What it alone brought. */
bool ours_leave_out(struct recall *r, uint32_t source, struct err *err);
/* From here on, where there are several entries for one place, that of the source's own past is taken. */
bool ours_choose(struct recall *r, uint32_t source, bool *contested, struct err *err);
/* The entry behind the one of that hash; signed_only: not one that is only in mirrors. */
struct ours_place {
  uint32_t lane;
  uint64_t seq;
  const uint8_t *prev;
  const uint8_t *leaf; /* of the same, which may be what it names (follows.h); NULL: not known yet */
  bool behind_lost;    /* nobody knows the hash: any is behind it */
  bool signed_only;
};
struct ours_entry {
  struct buf record, payload;
  bool has_payload;
  bool found;
  bool any; /* there is one for that place, though it may follow on another */
};
bool ours_fetch(struct recall *r, const struct ours_place *at, struct ours_entry *out, struct err *err);

/* ---- checkpoints that were let go (recall_let_go.c) ---- */
bool let_go_tables(struct db *gathered, struct err *err);
bool let_go_clear(struct db *gathered, struct err *err);
bool let_go_of_backup(struct recall *r, struct err *err);
/* One of the province's that was brought may say so. */
bool let_go_of_entry(struct recall *r, uint32_t lane, uint64_t seq, const uint8_t hash[HASH_SIZE],
                     struct span payload, struct err *err);
/* Who has shown one hears that it does not count. */
bool let_go_tell(struct recall *r, struct err *err);

/* ---- two roots of one size (recall_fork.c) ---- */
bool recall_pasts(struct recall *r, struct recall_state *s, struct err *err);
/* ERR_REFUTED rule "log_forked". */
bool recall_shown_once(struct recall *r, uint64_t size, struct err *err);

/* ---- a branch's own entries and signatures (recall_own.c) ----
 * Kept by their hash as the province's are: two machines may come for one branch, one of them with a key
 * that was stolen, and each brings its own past. */
bool own_tables(struct db *gathered, struct err *err);
bool own_clear(struct db *gathered, struct err *err);
bool own_tip(struct recall *r, uint32_t source, struct ours_tip *tip, struct err *err);
/* The newest entry of a branch that anybody brought for it, or of the backup. */
bool own_through(struct recall *r, uint32_t author, uint64_t *seq, struct err *err);
/* How many of its entries through `last` nobody has brought. */
bool own_missing(struct recall *r, uint32_t author, uint64_t last, uint64_t *missing, struct err *err);
bool own_add_batch(struct recall *r, uint32_t source, const struct batch *batch,
                   const uint8_t key[PUBLIC_SIZE], struct err *err);
bool own_add_signature(struct recall *r, uint32_t source, const struct signature_of *one, struct err *err);
/* Behind which entry a source is asked: what was lost to it when it called before may be there now. */
bool own_ask_from(struct recall *r, uint32_t source, uint64_t *seq, struct err *err);
/* It brings from there on; with its answer, for only then it counts as one that has not brought all. */
bool own_ask_again(struct recall *r, uint32_t source, struct err *err);
/* What it alone brought. */
bool own_leave_out(struct recall *r, uint32_t source, struct err *err);
bool own_rivals(struct recall *r, struct recall_state *s, struct err *err);

/* Whose pasts a mirror may be tried with, for each branch that several came for: those that reach as far as
 * its runs and have a signature wherever one ends.  Two that are the same there are one. */
enum { OWN_PASTS_MAX = 8, OWN_RIVALS_MAX = 64, OWN_TRIES_MAX = 64 };
struct own_choices {
  struct {
    uint32_t author;
    uint32_t pasts[OWN_PASTS_MAX];
    size_t count, at;
  } of[OWN_RIVALS_MAX];
  size_t count;
};
bool own_choices(struct recall *r, uint32_t mirror_of, struct own_choices *out, struct err *err);
/* The next way to choose; false: all have been tried. */
bool own_turn(struct own_choices *choices);
/* From here on these are fetched. */
bool own_choose(struct recall *r, const struct own_choices *choices, struct err *err);
/* Whose past was chosen; the branch's code when nobody had to. */
bool own_chosen(struct recall *r, uint32_t author, uint32_t *source, struct err *err);
/* lane and signed_only are of no matter. */
bool own_fetch(struct recall *r, uint32_t author, const struct ours_place *at, struct ours_entry *out,
               struct err *err);
bool own_signature(struct recall *r, uint32_t author, uint64_t seq, uint8_t out[SIGNATURE_SIZE], bool *found,
                   struct err *err);

/* ---- keys (recall_keys.c) ---- */
bool recall_keys_tables(struct db *gathered, struct err *err);
bool recall_keys_clear(struct db *gathered, struct err *err);
bool recall_keys_leave_out(struct recall *r, uint32_t source, struct err *err);
/* The key of its epoch that signed the batch, of those that the source showed and the backup's; when none
 * did, one of them.  ERR_DENIED rule "unknown_key": there is none. */
bool recall_keys_signer(struct recall *r, uint32_t source, const struct batch *batch,
                        uint8_t key[PUBLIC_SIZE], struct err *err);
/* A batch that is kept was signed with it. */
bool recall_keys_used(struct recall *r, uint32_t source, uint32_t epoch, const uint8_t key[PUBLIC_SIZE],
                      struct err *err);
/* Every leaf has its place in `db`: the keys that made their signatures go into its sync_key.  A signature
 * that none of its author's keys made is named; author 0: there is none. */
struct recall_forged {
  uint32_t author;
  uint64_t seq;
};
bool recall_keys_prove(struct recall *r, struct db *db, struct recall_forged *forged, struct err *err);

#endif
