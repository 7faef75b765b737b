/* schema.h - the replicated tables of this release as SQL, for whoever applies payloads without our programs.
 */
#ifndef SUNLIT_PROGRAM_SCHEMA_H
#define SUNLIT_PROGRAM_SCHEMA_H

#include "core/base/cli.h"
#include "core/base/err.h"

/* Prints CREATE TABLE and CREATE INDEX of each table whose rows travel, in an order that can be run. */
bool schema_command(const struct cli_args *args, struct err *err);

#endif
