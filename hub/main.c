#include "hub/accept.h"
#include "hub/commands.h"
#include "hub/evidence.h"
#include "hub/init.h"
#include "hub/let_go.h"
#include "hub/log_reader.h"
#include "hub/policy.h"
#include "hub/recall.h"
#include "hub/resume.h"
#include "hub/run.h"
#include "hub/status.h"
#include "program/accounts.h"
#include "program/backup.h"
#include "program/folder_kind.h"
#include "program/prove.h"

#define DIR                                                                                                  \
  {                                                                                                          \
    "dir", "D", true, "the data directory"                                                                   \
  }
#define BRANCH                                                                                               \
  {                                                                                                          \
    "branch", "CODE", true, "the county's GB/T 2260 code, e.g. 330127"                                       \
  }

static const struct cli_command commands[] = {
    {"init",
     "makes a new province: keys, authority, catalogue, first administrator",
     NULL,
     {DIR,
      {"name", "TEXT", false, "what people call it"},
      {"province", "33", false, "the first two digits of its code; 33"}},
     init_command},
    {"run",
     "serves the province until SIGTERM",
     NULL,
     {DIR,
      {"listen", "ADDR:PORT", false, "HTTPS for people; 0.0.0.0:8443"},
      {"sync", "ADDR:PORT", false, "where nodes dial in; 0.0.0.0:7443"},
      {"loopback-http", "PORT", false, "plain HTTP on 127.0.0.1 too; 0: the kernel chooses"}},
     run_command},
    {"status",
     "says what the log holds, and names what is in no table",
     NULL,
     {DIR, {"json", NULL, false, "one JSON object"}},
     status_command},
    {"invite",
     "prints the line that lets one branch in, once, within three days",
     NULL,
     {DIR,
      BRANCH,
      {"address", "HOST:PORT", false, "where its node dials; as the hub last ran"},
      {"withdraw", NULL, false, "ends the one that is open instead"}},
     invite_command},
    {"revoke", "cuts a branch off; it needs a new invitation", NULL, {DIR, BRANCH}, revoke_command},
    ACCOUNTS_COMMAND,
    {"import-catalogue", "reads products from a CSV file, all or none", "FILE.csv", {DIR}, import_command},
    {"evidence",
     "writes one file that proves entries without the province",
     NULL,
     {DIR,
      {"pos", "N[,N...]", true, "their places in the log, as the audit trail shows them"},
      {"out", "FILE.tar", true, "must not exist yet"}},
     evidence_command},
    {"accept",
     "hands a running hub what a branch without a line wrote with export, and writes a receipt for it",
     "FILE",
     {DIR, {"receipt", "FILE", false, "where to write it; FILE.receipt"}},
     accept_command},
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
    {"resume", "lets a restored province add entries again", NULL, {DIR}, resume_command},
    {"let-go",
     "goes on without what a branch has shown of the log and nobody brings; without more, lists it; nothing "
     "may run",
     NULL,
     {DIR,
      {"branch", "CODE", false, "that has shown it"},
      {"what", "WORD", false, "exactly what, as the list names it"}},
     let_go_command},
    {"rebuild",
     "makes the tables anew from the log, and proves them; nothing may run",
     NULL,
     {DIR,
      {"from-branches", NULL, false, "first takes back from the branches what the log lacks: a lost disk"},
      {"sync", "ADDR:PORT", false, "where nodes dial in meanwhile; as run"},
      {"branches", "CODE[,CODE...]", false, "all that there were: it ends when these have come"},
      {"carried", "FILE[,FILE...]", false, "what branches without a line wrote with export --history"},
      {"without", "CODE[,CODE...]", false,
       "branches that are not waited for; or certificates, files or checkpoints, as the log names them"},
      {"lost", NULL, false, "what none of them has any more is lost: its hash alone stands in the log"},
      {"most-gib", "N", false, "what one may bring, unpacked (8): nobody fills the disk alone"}},
     recall_command},
    {"policy",
     "prints a c2sp.org/tlog-policy of the log and its branches, to start from",
     NULL,
     {DIR},
     policy_command},
    {"log-token",
     "lets an auditor's program read the entries of the log: prints its token, once; without --for or --end, "
     "who has one",
     NULL,
     {DIR,
      {"for", "NAME", false, "who it is for; an older token of that name ends"},
      {"days", "N", false, "how long it is good; 365"},
      {"end", "NAME", false, "ends the token of that name"}},
     log_token_command},
    {"verify", "proves the log and that the tables follow from it", NULL, {DIR}, prove_command},
};

int main(int argc, char **argv)
{
  const struct cli cli = {"sunlit-hub", "the province: catalogue, log of every branch, pages", commands,
                          sizeof commands / sizeof commands[0], folder_of_province};
  return cli_main(&cli, argc, argv);
}
