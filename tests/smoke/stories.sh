# stories.sh - the stories of ./quickstart --smoke, in their order, and the words they are told with.
#
# Sourced by quickstart, whose province they play on: dir, port, hub, node, verifier, counties, start, stop, say, fail.
# Each story is a file beside this one; a step is `begin 中文 English`, what is done, and `proved WHAT`, which prints one
# line.  A step that is begun and not proved when the script ends is where it broke off.

seen=0      # steps
step=       # the one that is open
said=       # by the command that ran last
declare -A zh_of=() en_of=()
for i in "${!counties[@]}"; do zh_of[${counties[i]}]=${names_zh[i]} en_of[${counties[i]}]=${names_en[i]}; done

begin() { # 中文 English
  step="$1 $2" begun=${EPOCHREALTIME/[.,]/}
}

proved() { # WHAT...
  local us=$((${EPOCHREALTIME/[.,]/} - begun))
  printf 'ok    %3d.%d s  %s: %s\n' $((us / 1000000)) $((us / 100000 % 10)) "$step" "$*"
  step= seen=$((seen + 1))
}

# Runs a command to its end.  What it said is in $said, and with everything else in the log of the stories.
run() { # STATUS COMMAND...: the status it must end with
  local wanted=$1 status=0
  shift
  said=$("$@" 2>&1) || status=$?
  printf '$ %s\n%s\n' "$*" "$said" >> "$(log_of stories)"
  [ "$status" = "$wanted" ] || fail "$(basename "$1") ${2:-} ended with $status, not $wanted: ${said##*$'\n'}; all of it: $(log_of stories)"
}

expect() { # WHAT SEEN WANTED
  [ "$2" = "$3" ] || fail "$1: $2, not $3; logs: $dir/log"
}

# Why sunlit-verify refused.
refusal() { sed -n 's/^.*NOT VERIFIED: //p' <<< "$said" | tail -n 1; }

expect_words() { # WHAT WORDS: among what the last command said
  [[ $said == *"$2"* ]] || fail "$1: no \"$2\" in what was said; all of it: $(log_of stories)"
}

await() { # SECONDS WANTED WHAT COMMAND...: until the command says what is wanted
  local end=$((SECONDS + $1)) wanted=$2 what=$3 last
  shift 3
  until last=$("$@" 2>&1) && [ "$last" = "$wanted" ]; do
    [ "$SECONDS" -lt "$end" ] || fail "$what: $last, not $wanted; logs: $dir/log"
    sleep 0.1
  done
}

# One question to a running program, as a person at a page would ask it: see ask.mjs.
ask() { # NAME METHOD PATH [BODY|-] [FIELD]
  local at=$port
  [ "$1" = hub ] || at=$((port + 1 + $(place_of "$1")))
  node tests/smoke/ask.mjs "$dir" "$at" "$@" 2>> "$(log_of stories)" || fail "$1 did not answer $2 $3: $(tail -n 1 "$(log_of stories)"); its log: $(log_of "$1")"
}

look() { # FOLDER SQL: into a database, as nobody but a test does
  sqlite3 -batch -bail -cmd '.timeout 10000' "$dir/$1/store.db" "$2"
}

cut_lines() { for i; do : > "$dir/lines/$i.cut"; done; sleep 0.3; }
mend_lines() { for i; do rm -f "$dir/lines/$i.cut"; done; sleep 0.2; for i; do ask "$i" POST /sync/retry > /dev/null; done; }

pending() { "$node" status --dir "$dir/$1" --json | sed -n 's/.*"pending":\([0-9]*\),.*/\1/p'; }
await_received() { for i; do await 60 0 "entries of $i that the province has not proved to hold" pending "$i"; done; }

record_price() { # COUNTY FEN: its id
  ask "$1" POST /prices "{\"product\":$product,\"price_fen\":$2,\"source\":\"market\",\"date\":\"$(TZ=Asia/Shanghai date +%F)\"}" id
}
prices_at() { look "$1" "SELECT count(*) FROM price WHERE branch = $2"; }

# The province corrects the product: an ordinary day, and an entry that goes to everybody.
correct_product() { # NOTE
  local rev
  rev=$(ask hub GET "/products/$product" - rev)
  ask hub PATCH "/products/$product" "{\"rev\":$rev,\"storage_note_zh\":\"$1\"}" rev > /dev/null
}
note_at() { look "$1" "SELECT storage_note_zh FROM product WHERE id = $product"; }

# The newest checkpoint that the hub has signed, and that a county has verified and stored: size and root.
signed() { look "$1" "SELECT size || ' ' || hex(root) FROM sync_checkpoint ORDER BY size DESC LIMIT 1"; }
witnessed() { look "$1" "SELECT size || ' ' || hex(root) FROM sync_witness"; }
# A county without news greets every half minute.  Asked to, it does at once, though not twice within two seconds; then it
# sees the newest checkpoint.
await_greeting() { # WANTED WHAT COUNTIES COMMAND...: they greet until the command says what is wanted
  local wanted=$1 what=$2 who=$3 county tries waits
  shift 3
  for ((tries = 0; tries < 15; tries++)); do
    for ((waits = 0; waits < 22; waits++)); do
      [ "$("$@" 2>&1)" != "$wanted" ] || return 0
      if [ "$waits" = 0 ]; then for county in $who; do ask "$county" POST /sync/retry > /dev/null; done; fi
      sleep 0.1
    done
  done
  fail "$what: $("$@" 2>&1), not $wanted; logs: $dir/log"
}
# What the hub has signed, by the county's own store; said at each look, for an enrolment is an entry too.
agrees() { [ "$(witnessed "$1")" = "$(signed hub)" ] && echo yes || echo "$(witnessed "$1"), not $(signed hub)"; }
await_witnessed() { # COUNTY...
  local county
  for county; do await_greeting yes "what $county has witnessed" "$county" agrees "$county"; done
}
# How many proofs of lies a county keeps, and the rule of the newest.
evidence_at() { look "$1" "SELECT count(DISTINCT at_ms) || ' ' || coalesce((SELECT rule FROM sync_evidence ORDER BY id DESC LIMIT 1), '') FROM sync_evidence"; }

from_hex() { printf "$(sed 's/../\\x&/g' <<< "$1")"; }

smoke_begins() {
  trap 'say; exit 130' INT TERM
  trap smoke_ends EXIT
  hub_options=(--loopback-http $((port + 4))) # for the auditor's curl
  backup_of_the_first_day
}

# However it ends: where it broke off, then every program drains, and each store proves itself.
smoke_ends() {
  local code=$? place program
  trap - EXIT
  if [ -n "$step" ]; then
    say "FAIL         $step"
    code=1
  fi
  stop_all || code=1
  if [ "$code" != 0 ]; then
    say "quickstart: the stories broke off: logs and data are in $dir" >&2
    exit "$code"
  fi
  for place in hub "${counties[@]}"; do
    program=$node
    [ "$place" != hub ] || program=$hub
    run 0 "$program" verify --dir "$dir/$place"
    say "ok    $place 事后自证 proves itself afterwards: ${said##*$'\n'}"
  done
  say "$seen 步全部看到 steps seen"
  rm -rf "$dir"
}

smoke() {
  node tests/smoke/story.mjs "$dir" "$port" "${counties[@]}" || exit 1
  product=$(look hub "SELECT product FROM price LIMIT 1")
  evidence_for_an_auditor
  a_stick_instead_of_a_line
  yesterdays_backup
  a_payload_is_rewritten
  a_leaf_is_dropped
  a_lost_hub
  a_fork_for_one_branch
}
