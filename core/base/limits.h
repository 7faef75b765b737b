/* limits.h - every bound of the house in one place, each with its reason.  Each is tested at n and n+1. */
#ifndef SUNLIT_BASE_LIMITS_H
#define SUNLIT_BASE_LIMITS_H

enum {
  SCHEMA_HASH_SIZE = 8,          /* of a fingerprint that only tells versions apart */
  RECORD_SIZE_MAX = 1024,        /* a record is a fact about a transaction, not its content */
  NAME_SIZE_MAX = 120,           /* actor, action, subject: each fits a vec8 and a line of a page */
  PAYLOAD_SIZE_MAX = 512 * 1024, /* one transaction; half a batch, so that two always fit the memory plan */
  BATCH_ENTRIES_MAX = 1024,      /* one signature covers this many; more saves < 0.1 byte a row */
  BATCH_SIZE_MAX = 1024 * 1024,  /* uncompressed; the price of one cut line */
  FRAME_SIZE_MAX = BATCH_SIZE_MAX + 64 * 1024, /* one batch and its head, incompressible */
  BATCHES_IN_FLIGHT = 4,                /* unanswered in one direction: 2 fill a line, 4 fill ingest too */
  MESSAGE_SIZE_MAX = 4096,              /* HELLO, WELCOME with their tails: a checkpoint and its proof */
  ENROL_SIZE_MAX = 1024,                /* what a stranger may make us hold */
  ENROLLED_SIZE_MAX = 16 * 1024,        /* two certificates and ENROL_KEYS_MAX keys */
  ENROL_KEYS_MAX = 64,                  /* a re-enrolment every two months for ten years */
  TLS_KEY_SIZE_MAX = 256,               /* a P-384 SubjectPublicKeyInfo is 120 bytes */
  CERTIFICATE_SIZE_MAX = 4096,          /* DER; ours are about 500 bytes */
  TOKEN_SIZE_MAX = 64,                  /* an invite's token as typed */
  VERSION_TEXT_MAX = 31,                /* "1.0.0-rc1+debian12" */
  RULE_TEXT_MAX = 240,                  /* one sentence for a person */
  SITE_NAME_MAX = 120,                  /* the branch's name, UTF-8 */
  ENTRY_ROWS_MAX = 4096,                /* rows one transaction may create: 12 bits of an id */
  ADDRESS_CONNECTIONS_MAX = 160,        /* of the people's 240 that one address gets: an office behind one */
  ADDRESS_QUEUE_MAX = 320,              /* with those that wait for one: 50 browsers of 6 connections */
  ADDRESS_BURST = 400,                  /* new ones at once: all of that office open a page */
  ADDRESS_PER_MINUTE = 1800,            /* and then: each of them a page every ten seconds */
  ADDRESS_LOGINS_MAX = 64,              /* that wait for a password to be looked at */
  ADDRESS_SHEETS_MAX = 48,              /* that wait for a workbook */
  ADDRESS_BUNDLES_MAX = 8,              /* that wait for a bundle of entries */
  HTTP_BODY_MAX = 1024 * 1024,          /* a JSON body; a spreadsheet has its own */
  HTTP_STRANGER_MAX = 72 * 1024,        /* of who is not logged in: a checkpoint to witness is longest */
  HTTP_UPLOAD_MAX = 8 * 1024 * 1024,    /* an XLSX or CSV file of 10,000 rows */
  JSON_DEPTH_MAX = 16,                  /* Jansson recurses; our deepest document has 6 */
  IMPORT_ROWS_MAX = 10000,              /* a price sheet of a whole year */
  EXPORT_ROWS_MAX = 10000,              /* rows of a list as a workbook: 3 s and 60 MiB */
  GRID_COLUMNS_MAX = 48,                /* the widest sheet we make has 20 */
  GRID_TEXT_MAX = 8 * 1024 * 1024,      /* 10,000 rows of 800 bytes */
  XLSX_INFLATED_MAX = 64 * 1024 * 1024, /* all parts of a workbook, unpacked: a full sheet has 10 MiB */
  XLSX_PARTS_MAX = 400,                 /* files in its zip; an ordinary one has 12 */
  XLSX_SHEETS_MAX = 64,                 /* two months of a sheet a day */
  XLSX_TEXTS_MAX = 480 * 1024,          /* each cell of the largest grid another one */
  XLSX_FORMATS_MAX = 4096,              /* number formats of its own; Excel makes 250 */
  XLSX_STYLES_MAX = 64 * 1024,          /* cell styles; Excel's own bound is 65,490 */
  XLSX_TOKEN_MAX = 64 * 1024,           /* a tag or a comment; the format's longest are 8 KiB */
  XLSX_DEPTH_MAX = 32,                  /* nesting of its XML; the format needs 8 */
  FAULTS_MAX = 1000,                    /* faults of one file that are told; the rest is counted */
  CSV_CELL_SIZE_MAX = 4096,             /* longer than any column of the schema */
  CLOCK_LEAP_DAYS = 40,                 /* a machine is off for so long and believed when it wakes */
  SEQ_MAX = (1 << 28) - 1,              /* 28 bits of an id: a commit a second for eight years */
  EPOCH_MAX = (1 << 23) - 1             /* what is left of a positive 64-bit id above seq and n */
};

#endif
