#include "program/prove.h"

#include "core/base/crypto.h"
#include "core/base/data_dir.h"
#include "core/base/say.h"
#include "sync/verify.h"

static bool tell(const struct verify_report *r, struct err *err)
{
  say("%llu streams, %llu entries, %llu signatures, %llu rows in %llu tables", (unsigned long long)r->streams,
      (unsigned long long)r->entries, (unsigned long long)r->signatures, (unsigned long long)r->rows,
      (unsigned long long)r->tables);
  say("; withheld %llu, superseded %llu, quarantined %llu, waiting for an upgrade %llu, not yet signed "
      "%llu\n",
      (unsigned long long)r->withheld, (unsigned long long)r->superseded, (unsigned long long)r->quarantined,
      (unsigned long long)r->parked, (unsigned long long)r->unsigned_tail);
  if (r->leaves)
    say("%llu leaves of the log hashed again, the roots of %llu signed checkpoints compared\n",
        (unsigned long long)r->leaves, (unsigned long long)r->checkpoints);
  if (r->proofs)
    say("%llu proofs of places in the province's log checked again\n", (unsigned long long)r->proofs);
  if (r->lost) {
    say_lines(r->lost_text.data, r->lost_text.size);
    say("%llu entries are lost: their hashes stand in their places, and nobody has what they said; %llu "
        "before "
        "them are held by the log alone, %llu behind them name an entry that cannot be compared\n",
        (unsigned long long)r->lost, (unsigned long long)r->by_log_alone, (unsigned long long)r->lost_links);
  }
  if (r->lost_unsaid)
    say("the province has not yet said so of %llu that are lost\n", (unsigned long long)r->lost_unsaid);
  if (r->faults == 0) {
    say("verified\n");
    return true;
  }
  say_lines(r->text.data, r->text.size);
  if (r->kept_faults == r->faults)
    say("this branch's own records are whole; what it keeps of the log for the province is let go where it "
        "is "
        "wrong, and asked for again, when the line is up\n");
  return err_rule(err, ERR_CORRUPT, "", "not_verified", "not verified: %llu faults",
                  (unsigned long long)r->faults);
}

bool prove_command(const struct cli_args *args, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct data_dir dir;
  struct verify_report report = {0};
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  bool ok = store_verify(data_dir_path(&dir, "store.db", path), &report, err) && tell(&report, err);
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  data_dir_close(&dir);
  return ok;
}
