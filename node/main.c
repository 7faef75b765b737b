#include "node/carry.h"
#include "node/enroll.h"
#include "node/proof.h"
#include "node/run.h"
#include "node/status.h"
#include "node/trust.h"
#include "node/witness.h"
#include "program/accounts.h"
#include "program/backup.h"
#include "program/folder_kind.h"
#include "program/prove.h"
#include "program/rebuild.h"
#include "program/schema.h"

#define DIR                                                                                                  \
  {                                                                                                          \
    "dir", "D", true, "the data directory"                                                                   \
  }

static const struct cli_command commands[] = {
    {"enroll",
     "makes this directory a branch of the province, or starts its next epoch",
     NULL,
     {DIR, {"invite", "STRING", true, "the line that sunlit-hub invite printed"}},
     enroll_command},
    {"run",
     "serves the branch until SIGTERM",
     NULL,
     {DIR,
      {"listen", "ADDR:PORT", false, "HTTPS for people; 0.0.0.0:8443"},
      {"loopback-http", "PORT", false, "plain HTTP on 127.0.0.1 too; 0: the kernel chooses"},
      {"hub", "ADDR:PORT", false, "the province's sync port; as the invitation said"}},
     run_command},
    {"status",
     "says how the branch stands",
     NULL,
     {DIR, {"json", NULL, false, "one JSON object"}},
     status_command},
    ACCOUNTS_COMMAND,
    {"trust", "listens to the province again after its log contradicted itself", NULL, {DIR}, trust_command},
    {"export",
     "writes what the province has not received into a file to carry there",
     NULL,
     {DIR,
      {"out", "FILE", true, "must not exist yet"},
      {"all", NULL, false, "what it has received too, for a province that denies it"},
      {"history", NULL, false, "all it holds of the log, for a province that lost its disk"}},
     export_command},
    {"accept", "takes the receipt that sunlit-hub accept wrote", "FILE", {DIR}, accept_command},
    {"backup",
     "writes everything into one sealed file, while the program runs or not",
     NULL,
     {DIR, {"out", "FILE", true, "must not exist yet; the passphrase is asked for, or SUNLIT_PASSPHRASE"}},
     backup_command},
    {"restore",
     "makes a data directory from a backup",
     NULL,
     {{"in", "FILE", true, "what backup wrote"}, {"dir", "D", true, "must not exist yet"}},
     restore_command},
    {"rebuild",
     "makes the tables anew from the log, and proves them; nothing may run",
     NULL,
     {DIR},
     rebuild_command},
    {"proof",
     "writes the proof that the province's log holds one entry, for sunlit-verify",
     NULL,
     {DIR,
      {"seq", "N", false, "the entry's number in this branch's journal"},
      {"row", "ID", false, "or the id of a row it made, as pages and lists have it"},
      {"out", "FILE", true, "must not exist yet"}},
     proof_command},
    {"schema",
     "prints the tables whose rows travel, as SQL, for applying payloads",
     NULL,
     {{0}},
     schema_command},
    {"witness", "prints this branch's key as a witness, a line for a policy", NULL, {DIR}, witness_command},
    {"verify", "proves the journal and that the tables follow from it", NULL, {DIR}, prove_command},
};

int main(int argc, char **argv)
{
  const struct cli cli = {"sunlit-node", "one county branch: its store, its pages, its line to the province",
                          commands, sizeof commands / sizeof commands[0], folder_of_branch};
  return cli_main(&cli, argc, argv);
}
