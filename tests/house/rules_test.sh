#!/bin/sh
# rules_test.sh: a tree that keeps every rule of rules.sh passes, and each rule, broken once, is seen to fail with the
# place and the reason.
set -u
rules=$(cd "$(dirname "$0")" && pwd)/rules.sh
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failures=0

put() { mkdir -p "$(dirname "$tree/$1")" && printf '%s\n' "$2" > "$tree/$1"; }

# A small house in order.
fresh() {
  tree=$work/tree
  rm -rf "$tree"
  put core/base/json.h '#include <jansson.h>'
  put core/base/sqlite.h '#include <sqlite3.h>'
  put core/base/db.c '#include "core/base/sqlite.h"'
  put core/domain/price.c '#include "core/base/db.h"'
  put sync/batch.c '#include "core/base/bytes.h"
#include <zstd.h>
#include <sys/types.h>
/* PROTOCOL 4.2: "a batch holds at most
 * 1024 entries" */'
  put net/mbed.h '#include <mbedtls/ssl.h>'
  put net/tls.c '#include "net/mbed.h"'
  put node/main.c '#include "sync/batch.h"
#include "core/domain/price.h"'
  put tests/unit/sync/batch_test.c '#include <sqlite3.h>
#include "sync/batch.h"'
  put docs/PROTOCOL.md '# The protocol
## 4.2 Batch
In short, a batch holds
at most 1024 entries.
## 5 Frames
See [the tour](ARCHITECTURE.md#tour) and [elsewhere](https://example.org/).'
  put docs/ARCHITECTURE.md '# The tour'
  put sync/schema/01_sync.sql 'CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT;'
  (cd "$tree" && mkdir -p tests/house && sha256sum sync/schema/01_sync.sql > tests/house/released-schema)
}

# breaks NAME PATTERN: the tree as it is now must fail with a line like PATTERN.
breaks() {
  if "$rules" "$tree" > "$work/out" 2>&1; then
    echo "FAIL $1: passed"; failures=$((failures + 1))
  elif ! grep -q -e "$2" "$work/out"; then
    echo "FAIL $1: expected \"$2\", got:"; cat "$work/out"; failures=$((failures + 1))
  elif [ "$(wc -l < "$work/out")" != 2 ]; then
    echo "FAIL $1: more was found than was broken:"; cat "$work/out"; failures=$((failures + 1))
  else
    echo "ok   $1"
  fi
  fresh
}

fresh
if "$rules" "$tree"; then echo "ok   house_in_order_passes"; else echo "FAIL house_in_order_passes"; failures=1; fi

put sync/apply.c '#include "net/tls.h"'
breaks floor_may_not_include_its_neighbour '^sync/apply.c:1: includes net/tls.h (sync may include only'
put sync/schema/01_sync.sql 'CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT) STRICT;'
breaks released_schema_is_not_edited '^sync/schema/01_sync.sql:1: is released'
put core/domain/price.c '
#include "sync/batch.h"'
breaks domain_may_not_know_sync '^core/domain/price.c:2: includes sync/batch.h (core/domain may include only'
put core/base/log.c '#include "core/domain/price.h"'
breaks base_may_not_look_up '^core/base/log.c:1: includes core/domain/price.h'
put cellar/wine.c '#include <stdio.h>'
breaks unknown_folder_is_refused '^cellar/wine.c:1: folder has no line'
put hub/board.c '#include <jansson.h>'
breaks foreign_header_has_one_home '^hub/board.c:1: includes jansson.h (header jansson: only core/base/json.h'
put sync/entry.c '#include <zstd.h>'
breaks once_means_one_file 'includes zstd.h, as sync/batch.c does (header zstd: one file'
put sync/apply.c '#include "core/base/sqlite.h"'
breaks raw_sqlite_is_for_three_files '^sync/apply.c:1: includes core/base/sqlite.h'
put hub/link.c '#include "net/mbed.h"'
breaks mbedtls_stays_in_net '^hub/link.c:1: includes net/mbed.h'
put hub/http.c '#include <curl/curl.h>'
breaks unknown_library_is_refused '^hub/http.c:1: includes curl/curl.h (a foreign library'
put node/trust.c '#include <stdio.h>
  printf("%s", name);'
breaks nothing_is_printed_past_say '^node/trust.c:2: .*(terminal: say it'
put hub/list.c '#include <stdio.h>
  fwrite(text, 1, size, stdout);'
breaks nor_written_to_stdout '^hub/list.c:2: .*(terminal: say it'
put core/base/string_utils.h '#include <string.h>'
breaks attic_names_are_refused '^core/base/string_utils.h:1: named "utils"'
put webui/app/src/types.ts 'export type X = 1'
breaks attic_names_are_refused_in_pages '^webui/app/src/types.ts:1: named "types"'
put sync/long.c "$(awk 'BEGIN { for (i = 0; i < 701; i++) print "int x;" }')"
breaks line_701_is_one_too_many '^sync/long.c:701: more than 700 lines'
put tests/unit/sync/load_test.c "static const char *path = \"/$(printf hom)e/somebody/data\";"
breaks machine_paths_are_refused '^tests/unit/sync/load_test.c:1:.*machine it was written on'
put cmake/fetch.cmake "file(DOWNLOAD https://$(printf registr)y.example.org/x)"
breaks mirrors_are_refused '^cmake/fetch.cmake:1:.*no registry or mirror'
put docs/README.md 'sunlit-node enroll --dir /srv/data --invite LINE'
breaks one_folder_of_data_is_named '^docs/README.md:1:.*(folder:'
put sync/later.c "/* TO$(printf DO): check the size */"
breaks nothing_is_left_for_later '^sync/later.c:1:.*do it or drop it'
put sync/port.c 'int port(const char *text) { return atoi(text); }'
breaks calls_blind_to_errors_are_refused '^sync/port.c:1:.*(calls:'
put sync/frame.c '/* PROTOCOL 4.2: "a batch holds at most 2048 entries" */'
breaks quote_must_be_true '^sync/frame.c:1: PROTOCOL 4.2 does not say'
put sync/frame.c '/* PROTOCOL 5: "a batch holds at most 1024 entries" */'
breaks quote_must_stand_in_its_section '^sync/frame.c:1: PROTOCOL 5 does not say'
put sync/frame.c '/* PROTOCOL 9.9: "a frame" */'
breaks quoted_section_must_exist '^sync/frame.c:1: quotes PROTOCOL 9.9'
put docs/README.md '
[the protocol](PROTOCOLL.md)'
breaks links_lead_somewhere '^docs/README.md:2: points to PROTOCOLL.md'

[ "$failures" = 0 ] || { echo "$failures failed"; exit 1; }
