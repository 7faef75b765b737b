#!/bin/sh
# rules.sh ROOT: what no compiler checks about this house.  Prints path:line, what is wrong and the rule; exit 1 if anything.
#
#   includes   arrows point down, one file per foreign library          (tests/house/include-rules)
#   names      no file is named after nothing in particular
#   size       a file of more than 700 lines has two subjects
#   paths      nothing knows the machine it was written on, or a mirror to download from
#   folder     a command shown to people names the one folder of data, /var/lib/sunlit
#   marks      nothing is left for later
#   calls      product code calls nothing that cannot be told the size of its buffer, hides an error or starts a shell
#   terminal   product code says what it says through core/base/say.h or the log, which let nothing stored act on a terminal
#   quotes     what a comment quotes from docs/PROTOCOL.md stands there, in that section
#   released   a schema step that databases have been made with is never edited (tests/house/released-schema)
#   links      what a page of the documentation points to exists
set -u
rules=$(cd "$(dirname "$0")" && pwd)/include-rules
cd "${1:?usage: rules.sh ROOT}" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# Every file of the house, kept or new, but nothing that a build or npm made.
find . \( -name .git -o -name build -o -name node_modules -o -name demo -o -path ./webui/app/dist -o -name .cache \) -prune \
  -o -type f -print | sed 's|^\./||' | sort > "$work/all"
grep -E '\.[ch]$' "$work/all" > "$work/c"
grep -E '\.(c|h|ts|vue|css|js|mjs|sh|sql|awk|py)$|^(check|quickstart)$' "$work/all" > "$work/code"
grep -vE '\.(png|ico|woff2?|gz|br|xlsx|bin|db|jpg)$|^LICENSE$|^tests/(vectors|fuzz)/|package-lock\.json$' "$work/all" > "$work/text"

includes() {
  xargs -r awk -v rules="$rules" '
    function fail(what, rule) { print FILENAME ":" FNR ": includes " what " (" rule ")" }
    function begins(text, prefix) { return substr(text, 1, length(prefix)) == prefix }
    BEGIN {
      while ((getline line < rules) > 0) {
        if (line ~ /^folder /) { split(substr(line, 8), part, ":"); known[part[1]] = part[2] " " part[1] }
        if (line ~ /^header /) { at = index(line, ": "); header[substr(line, 8, at - 8)] = substr(line, at + 2) }
        if (line ~ /^system /) { n = split(substr(line, 8), part, " "); for (i = 1; i <= n; i++) system_[part[i]] = 1 }
      }
    }
    FNR == 1 {
      folder = ""
      for (f in known) if (begins(FILENAME, f "/") && length(f) > length(folder)) folder = f
      free = begins(FILENAME, "tests/")
      if (folder == "" && !free) print FILENAME ":1: folder has no line (tests/house/include-rules: folder)"
    }
    /^[ \t]*#[ \t]*include/ {
      match($0, /[<"][^>"]*/)
      target = substr($0, RSTART + 1, RLENGTH - 1)
      house = substr($0, RSTART, 1) == "\""
      if (free) next
      for (h in header) if (begins(target, h)) {
        where = header[h]
        if (where == "once") {
          if ((h in seen) && seen[h] != FILENAME) fail(target ", as " seen[h] " does", "header " h ": one file")
          seen[h] = FILENAME
          next
        }
        n = split(where, file, " ")
        for (i = 1; i <= n; i++) if (file[i] == FILENAME || (file[i] ~ /\/$/ && begins(FILENAME, file[i]))) next
        fail(target, "header " h ": only " where)
        next
      }
      if (!house) {
        for (s in system_) if (target == s ".h" || (s ~ /\// && begins(target, s))) next
        fail(target, "a foreign library needs a line in tests/house/include-rules")
        next
      }
      if (folder == "") next
      n = split(known[folder], floor, " ")
      for (i = 1; i <= n; i++) if (begins(target, floor[i] "/")) next
      fail(target, folder " may include only:" known[folder])
    }' < "$work/c"
}

names() {
  awk '
    { stem = tolower($0); sub(/^.*\//, "", stem); sub(/\.[a-z0-9.]+$/, "", stem)
      n = split(stem, word, /[-_.]/)
      for (i = 1; i <= n; i++)
        if (word[i] ~ /^(util|utils|common|misc|helper|helpers|manager|types|stuff)$/)
          print $0 ":1: named \"" word[i] "\" (names: a module is named after what it is)" }' "$work/code"
}

size() {
  xargs -r awk 'FNR == 701 { print FILENAME ":701: more than 700 lines (size: it has two subjects)" }' < "$work/code"
}

# The patterns are written so that they do not find themselves.
paths() {
  xargs -r grep -nEI '(^|[^a-zA-Z0-9_.$}/-])/(wor[k]|roo[t]|hom[e])/[A-Za-z]' /dev/null < "$work/text" \
    | sed 's/$/  (paths: nothing may know the machine it was written on)/'
  xargs -r grep -nEI 'https?://(registr[y]|deb|security|snapshot|mirror[s]?|ftp)\.' /dev/null < "$work/text" \
    | sed 's/$/  (paths: no registry or mirror: the machine is configured with its own)/'
  grep -E 'package-lock\.json$' "$work/all" | xargs -r grep -nE '"resolved": "http' /dev/null \
    | sed 's/$/  (paths: npm config omit-lockfile-registry-resolved)/' | head -1
}

# Whoever copies a line from a page and the next one from the documentation means the same folder.
folder() {
  grep -v '^tests/' "$work/text" | xargs -r grep -nEI -- 'sunlit-(hub|node) .*--dir[ =]/' /dev/null \
    | grep -vE -- '--dir[ =]/var/lib/sunlit([^a-zA-Z0-9_/.-]|$)' | sed 's/$/  (folder: it is \/var\/lib\/sunlit)/'
}

marks() {
  xargs -r grep -nEwI 'TOD[O]|FIXM[E]|HAC[K]' /dev/null < "$work/code" | sed 's/$/  (marks: do it or drop it)/'
}

calls() {
  grep -v '^tests/' "$work/c" \
    | xargs -r grep -nE '(^|[^a-zA-Z0-9_>.])(gets|strcpy|strcat|sprintf|vsprintf|ato[ifl]|atoll|strtok|system|popen|alloca)\(' /dev/null \
    | sed 's/$/  (calls: unbounded, blind to errors, or a shell)/'
}

# tools/ knows nothing that was stored or received, and may include nothing of the house.
terminal() {
  grep -vE '^(tests|tools)/|^core/base/(say\.[ch]|log\.c)$' "$work/c" \
    | xargs -r grep -nE '(^|[^a-zA-Z0-9_>.])(v?printf|v?dprintf|puts|putchar|perror)\(|(^|[^a-zA-Z0-9_"])(std(out|err)|STD(OUT|ERR)_FILENO)([^a-zA-Z0-9_"]|$)' /dev/null \
    | grep -vE 'fflush\(stdout\)|dup2\(' | grep -vE ':[0-9]+: *(/\*|\*|//)' \
    | sed 's/$/  (terminal: say it through core\/base\/say.h)/'
}

# Joins the lines of a file, without the comment stars, so that a quote may be broken where the column ends.
quotes() {
  xargs -r awk -v protocol=docs/PROTOCOL.md '
    function plain(text) { gsub(/[ \t\n]+/, " ", text); return text }
    BEGIN {
      while ((getline line < protocol) > 0) {
        found = 1
        if (line ~ /^#+ /) { number = line; sub(/^#+ /, "", number); sub(/[^0-9.].*$/, "", number); sub(/\.$/, "", number) }
        # A section contains its subsections.
        for (key = number; key != ""; ) { section[key] = section[key] " " line; if (!sub(/\.[0-9]+$/, "", key)) key = "" }
      }
      for (key in section) section[key] = plain(section[key])
    }
    function finish() {
      text = plain(text)
      while (match(text, /PROTOCOL [0-9]+(\.[0-9]+)*: "[^"]*"/)) {
        quote = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        number = quote; sub(/^PROTOCOL /, "", number); sub(/:.*$/, "", number)
        words = quote; sub(/^[^"]*"/, "", words); sub(/"$/, "", words)
        if (!(number in section)) print name ":1: quotes PROTOCOL " number ", which does not exist (quotes)"
        else if (!index(section[number], words)) print name ":1: PROTOCOL " number " does not say \"" words "\" (quotes)"
      }
      text = ""
    }
    FNR == 1 { finish(); name = FILENAME }
    { line = $0; sub(/^[ \t]*\*[ \t]?/, "", line); text = text " " line }
    END { finish() }' < "$work/c"
}

links() {
  grep -E '\.md$' "$work/all" | while read -r page; do
    folder=$(dirname "$page")
    grep -noE '\]\([^)# ]+' "$page" | sed 's/\](//' | while IFS=: read -r line target; do
      case $target in http*|mailto*|//*) continue ;; esac
      [ -e "$folder/$target" ] || echo "$page:$line: points to $target, which does not exist (links)"
    done
  done
}

# A database keeps only the number of a step: edited, one number would mean two shapes.
released() {
  [ -e tests/house/released-schema ] || return 0
  sha256sum -c --quiet tests/house/released-schema 2> /dev/null \
    | sed 's/: .*/:1: is released and was edited or removed; add a step instead (released)/'
}

{ includes; names; size; paths; folder; marks; calls; terminal; quotes; released; links; } > "$work/found"
cat "$work/found"
[ ! -s "$work/found" ] || { echo "$(wc -l < "$work/found") broken"; exit 1; }
