/* domain.h - the schema of the domain: its replicated tables, its local tables, and the seed it starts from.
 *
 * Two parts migrate by their own numbers: "domain" holds the tables that travel, and its number and hash are
 * what every signed record carries; "local" holds what never leaves the machine and may change alone.
 * The sync schema must be there first: table_scope, and withholding, which says what was withheld by law. */
#ifndef SUNLIT_DOMAIN_DOMAIN_H
#define SUNLIT_DOMAIN_DOMAIN_H

#include "core/base/db.h"
#include "core/base/limits.h"

enum { NUMBER_SIZE = 32 /* "JG330127-202611-0031" and a zero, with room */ };

bool domain_migrate(struct db *db, struct err *err);
/* Are its tables of an earlier release? */
bool domain_waits(struct db *db, bool *waits, struct err *err);
int domain_schema_number(void);
/* The first bytes of SHA-256 over every replicated table's name, scope and columns, in the order of names.
 * Two databases with the same hash hold each other's changesets. */
bool domain_schema_hash(struct db *db, uint8_t out[SCHEMA_HASH_SIZE], struct err *err);

#endif
