#!/usr/bin/env bash
# git.sh ROWS FOLDER message|file - `git push` of a commit a row to a bare repository behind git daemon on loopback.
#
# message: the row is the commit's message over one empty tree: one object a row, the least git can do.
# file:    the row is the content of one file: a commit, a tree and a blob a row.
# Making the commits (fast-import) is not timed.  Both ends flush what they write (core.fsync=all); the pack is kept as it came.
# No signatures, no TLS.  Prints: SECONDS BYTES-UP -
set -euo pipefail
rows=$1 folder=$2 form=$3
export GIT_CONFIG_NOSYSTEM=1 HOME=$folder LC_ALL=C
mkdir -p "$folder"
git config --global core.fsync all
git config --global core.fsyncMethod fsync
git config --global receive.unpackLimit 1
git config --global gc.auto 0
git config --global safe.directory '*'
git init -q --bare -b main "$folder/hub.git"
git init -q --bare -b main "$folder/node.git"
awk -v form="$form" '{
  print "commit refs/heads/main\ncommitter officer <officer@node> " 1795000000 + NR " +0000"
  if (form == "message") printf "data %d\n%s\n", length($0), $0
  else printf "data 0\nM 100644 inline row\ndata %d\n%s\n", length($0), $0
}' "$rows" | git -C "$folder/node.git" fast-import --quiet --force

for port in $(seq 20880 20899); do
  git daemon --listen=127.0.0.1 --port="$port" --reuseaddr --export-all --enable=receive-pack --base-path="$folder" \
    "$folder" 2> "$folder/daemon.log" &
  daemon=$!
  for _ in $(seq 50); do
    if git ls-remote -q "git://127.0.0.1:$port/hub.git" > /dev/null 2>&1; then break 2; fi
    kill -0 "$daemon" 2> /dev/null || break
    sleep 0.05
  done
  kill "$daemon" 2> /dev/null || true
done
trap 'kill "$daemon" 2> /dev/null || true' EXIT
begun=$(date +%s%N)
git -C "$folder/node.git" push -q "git://127.0.0.1:$port/hub.git" main
ended=$(date +%s%N)
there=$(git -C "$folder/hub.git" rev-list --count main)
[ "$there" = "$(wc -l < "$rows")" ] || { echo "the bare repository has $there commits" >&2; exit 1; }
awk -v ns=$((ended - begun)) -v up="$(cat "$folder"/hub.git/objects/pack/*.pack | wc -c)" 'BEGIN { print ns / 1e9, up, "-" }'
