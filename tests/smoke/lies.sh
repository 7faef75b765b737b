# lies.sh - the province lies.  Its administrator has root on the machine and the province's own keys, and works on a copy
# of the hub's directory: changes the store by hand, forgets the tree and the checkpoints, and lets the program grow them
# anew over what is there now and sign them.  Each lie is caught by whoever the design says, and explained; then the honest
# hub comes back and all goes on.

forget_the_tree='DELETE FROM sync_tile; DELETE FROM sync_tree; DELETE FROM sync_checkpoint; DELETE FROM sync_cosignature; DELETE FROM audit;'

# A hub signs nothing new until its branches have called, and waits for them when it knows none.  A liar does not: while
# it grows its log there are none to its program and it waits a second, and then only the one it means to deceive.
grow_unheard() { # FOLDER COUNTY NOTE...: corrections of the product, signed
  local folder=$1 county=$2 note
  shift 2
  rm -f "$dir/certificates"
  look "$folder" "ATTACH '$dir/certificates' AS kept; CREATE TABLE kept.all_of_them AS SELECT * FROM certificate; DELETE FROM certificate"
  printf '[hub]\nhearing_s = 1\n' > "$dir/$folder/sunlit.conf"
  start_hub "$dir/$folder"
  for note; do correct_product "$note"; done
  await_signed "$folder"
  stop hub
  rm "$dir/$folder/sunlit.conf"
  look "$folder" "ATTACH '$dir/certificates' AS kept; INSERT INTO certificate SELECT * FROM kept.all_of_them WHERE branch = $county"
  start_hub "$dir/$folder"
}
await_signed() { await 60 0 "entries of $1 that no checkpoint covers" look "$1" 'SELECT (SELECT count(*) FROM sync_entry) - (SELECT max(size) FROM sync_checkpoint)'; } # FOLDER

# Proofs of lies that a county kept before this one.
declare -A had=()

# All counties have seen the true log so far.  Then the lines are cut, so that nobody sees the work in progress, the hub
# stops and its directory is copied.
copy_the_province() { # NAME OF THE COPY
  local county
  await_received "${counties[@]}"
  await 30 0 'entries that the audit index lacks' look hub 'SELECT (SELECT count(*) FROM sync_entry) - (SELECT count(*) FROM audit)'
  await_witnessed "${counties[@]}"
  for county in "${counties[@]}"; do had[$county]=$(evidence_at "$county" | cut -d ' ' -f 1); done
  cut_lines "${counties[@]}"
  stop hub
  rm -rf "${dir:?}/$1"
  cp -a "$dir/hub" "$dir/$1"
}

# The entry of a county with its newest price.
newest_price() { look "$1" "SELECT max(pos) FROM audit WHERE author = $2 AND action = 'price.add'"; } # FOLDER COUNTY

caught=0

# What a county does about a lie: it keeps the proof, sends nothing, goes on working and says why.
is_caught() { # COUNTY RULE
  local id
  await 30 "$((had[$1] + 1)) $2" "evidence at $1" evidence_at "$1"
  await_greeting attention "state of $1" "$1" ask "$1" GET /status - state
  caught=$((caught + 1)) # no price twice on a day: the county would ask whether it is meant
  id=$(record_price "$1" $((2100 + caught)))
  expect 'place of a price recorded now' "$(ask "$1" GET "/prices/$id" - place.at)" branch
}

# The explanation a person gets, and with it the branch listens again.
explained_by() { # COUNTY
  run 0 "$node" trust --dir "$dir/$1"
  said=$(sed -n 's/^[^ ]* *[^ ]* *\(log_[a-z]*: .*\)/\1/p' <<< "$said" | tail -n 1)
  [ -n "$said" ] || fail "$1 has nothing to explain: $(log_of stories)"
}

# The liar is gone, the honest hub runs, whoever caught the lie listens again, and everything arrives.
truth_comes_back() { # COUNTY THAT CAUGHT THE LIE
  local why county
  begin '诚实的省中心回来,一切照旧' 'the honest hub comes back and all goes on'
  stop hub
  explained_by "$1"
  why=$said
  start_hub "$dir/hub"
  mend_lines "${counties[@]}"
  await_received "${counties[@]}"
  for county in "${counties[@]}"; do expect "prices of $county at the province" "$(prices_at hub "$county")" "$(prices_at "$county" "$county")"; done
  proved "$why; 各县记录都已收到 every county's entries are received"
}

# An auditor checks the whole log that the hub serves, with the keys kept from better days.
audit_the_log() { # STATUS
  run "$1" "$verifier" --log "$(cat "$dir/auditor/log.vkey")" --keys "$dir/auditor/keys.txt" --token "$dir/auditor/token" ${2:+--policy "$2"} "http://127.0.0.1:$((port + 4))/log"
}

a_payload_is_rewritten() {
  local county=${counties[0]} witness=${counties[1]} pos payload record digest auditor

  begin '作假一:省里改写一条记录的内容,重造总账并重新签名' 'lie 1: the province rewrites one payload, regrows the log and signs it'
  copy_the_province rewriting
  pos=$(newest_price rewriting "$county")
  payload=$(look rewriting "SELECT hex(payload) FROM sync_entry WHERE pos = $pos")
  record=$(look rewriting "SELECT hex(record) FROM sync_entry WHERE pos = $pos")
  # 27.40 becomes 9.80: in the payload, in the hash the record ends with, and in the table.
  [[ $payload == *010000000000000AB4* ]] || fail "the payload of entry $pos has no price of 27.40: $dir/rewriting"
  payload=${payload/010000000000000AB4/0100000000000003D4}
  digest=$(from_hex "$payload" | sha256sum | head -c 64)
  look rewriting "UPDATE sync_entry SET payload = x'$payload', record = x'${record:0:-64}$digest' WHERE pos = $pos;
    DROP TRIGGER sunlit_guard_price_UPDATE; UPDATE price SET price_fen = 980 WHERE branch = $county AND price_fen = 2740; $forget_the_tree"
  grow_unheard rewriting "$witness" '作假之后的一条平常更正 an ordinary correction after the lie'
  proved "总账第 $pos 位,27.40 改成 9.80 entry $pos, 27.40 now reads 9.80; $(signed rewriting | cut -d ' ' -f 1) 条,签名有效 entries, signed with the true key"

  begin "下一个来连线的${zh_of[$witness]}当场识破" "the next county to call, ${en_of[$witness]}, catches it"
  mend_lines "$witness"
  is_caught "$witness" log_rewritten
  proved '保留证据,不再上报,本地照常工作 keeps the proof, sends nothing, goes on working'

  begin '省中心自查和审计员也都看出' "so do the hub's own check and the auditor"
  audit_the_log 1
  expect_words 'sunlit-verify of the rewritten log' 'NOT VERIFIED'
  auditor=$(refusal)
  run 1 "$hub" verify --dir "$dir/rewriting"
  expect_words 'verify of the rewritten store' "entry $county/0/"
  proved "sunlit-hub verify: $(sed -n "s/^\(entry $county.*\)/\1/p" <<< "$said" | head -n 1); sunlit-verify: ${auditor#*: }"

  truth_comes_back "$witness"
}

# A policy that wants two of the three counties as witnesses, with the keys they had when all was well.
write_policy() { # FILE
  local county names=()
  {
    say "log $(cat "$dir/auditor/log.vkey")"
    for county in "${counties[@]}"; do
      names+=("county$county")
      say "witness county$county $(vkey "$county.sunlit/witness" 04 "$(look hub "SELECT hex(public_key) FROM sync_key WHERE author = $county AND revoked_ms = 0")")"
    done
    say "group counties 2 ${names[*]}"
    say 'quorum counties'
  } > "$1"
}

# A whole entry with all its traces: the newest of the county, its place in the run and its rows.
drop_entry() { # FOLDER POS COUNTY
  look "$1" "
    UPDATE sync_span SET count = count - 1 WHERE first_pos <= $2 AND first_pos + count > $2;
    DELETE FROM sync_span WHERE count = 0 AND first_pos = $2;
    UPDATE sync_span SET first_pos = first_pos - 1 WHERE first_pos > $2;
    DELETE FROM sync_entry WHERE pos = $2;
    UPDATE sync_entry SET pos = 1 - pos WHERE pos > $2; UPDATE sync_entry SET pos = -pos WHERE pos < 0;
    UPDATE sync_quarantine SET pos = pos - 1 WHERE pos > $2;
    DROP TRIGGER sunlit_guard_price_DELETE; DELETE FROM price WHERE branch = $3 AND id = (SELECT max(id) FROM price WHERE branch = $3);
    $forget_the_tree"
}

a_leaf_is_dropped() {
  local county=${counties[0]} witness=${counties[2]} pos before

  begin '作假二:省里抹掉一条记录,不留痕迹' 'lie 2: the province drops one leaf with all its traces'
  write_policy "$dir/auditor/policy"
  copy_the_province dropping
  pos=$(newest_price dropping "$county")
  before=$(signed dropping)
  drop_entry dropping "$pos" "$county"
  grow_unheard dropping "$witness" "补上空缺 something to fill the gap, "{1,2,3}
  run 0 "$hub" verify --dir "$dir/dropping"
  proved "原有 ${before%% *} 条,抹掉第 $pos 位后又长到 $(signed dropping | cut -d ' ' -f 1) 条 entries, without entry $pos and grown again; 省中心自查看不出 the hub's own check finds nothing"

  begin "${zh_of[$witness]}连线时识破" "${en_of[$witness]} catches it when it calls"
  mend_lines "$witness"
  is_caught "$witness" log_rewritten
  proved '它见证过的总账接不上这一本 the log it has witnessed is not the beginning of this one'

  begin '审计员要求见证签名,也不受骗' 'an auditor who asks for witnesses is not fooled either'
  audit_the_log 0
  audit_the_log 1 "$dir/auditor/policy"
  expect_words 'the policy' 'have not all cosigned'
  proved "$(refusal)"

  truth_comes_back "$witness"
  begin '同样的要求,真总账满足' 'the true log meets what the auditor asks for'
  await_greeting 3 'cosignatures over the newest checkpoint' "${counties[*]}" cosignatures
  audit_the_log 0 "$dir/auditor/policy"
  proved "$(sed -n 's/^ *\(witnesses: .*\)/\1/p' <<< "$said")"
}

cosignatures() { look hub 'SELECT count(*) FROM sync_cosignature WHERE size = (SELECT max(size) FROM sync_checkpoint)'; }

cosigned_all() { look hub 'SELECT count(*) FROM sync_cosigner WHERE size = (SELECT max(size) FROM sync_checkpoint)'; }

a_fork_for_one_branch() {
  local victim=${counties[2]} stick=$dir/usb/victim.carry prices county i

  begin "作假三:省里只给${zh_of[$victim]}看另一本总账" "lie 3: the province shows ${en_of[$victim]} a log of its own"
  copy_the_province forking
  grow_unheard forking "$victim" '只给一个县看的 for the eyes of one county'
  mend_lines "$victim"
  await 30 '只给一个县看的 for the eyes of one county' "what $victim sees" note_at "$victim"
  record_price "$victim" 2200 > /dev/null # acknowledged and proved by the false log alone
  await_received "$victim"
  await_greeting "$(signed forking)" "what $victim has witnessed" "$victim" witnessed "$victim"
  expect "proofs of lies at $victim" "$(evidence_at "$victim" | cut -d ' ' -f 1)" "${had[$victim]}"
  cut_lines "$victim"
  stop hub
  start_hub "$dir/hub"
  correct_product '给所有县看的 for everybody'
  for i in 1 2; do correct_product "给所有县看的 for everybody, $i"; done
  mend_lines "${counties[0]}" "${counties[1]}"
  await_signed hub # more than half have called
  await_witnessed "${counties[0]}" "${counties[1]}"
  proved "两本总账各有见证,单看哪本都没有破绽 both have witnesses, and each is whole in itself"

  begin "${zh_of[$victim]}一见到另一本就识破" "${en_of[$victim]} catches it as soon as it sees the other side"
  mend_lines "$victim"
  is_caught "$victim" log_rewritten
  cut_lines "$victim"
  explained_by "$victim"
  proved "$said"

  begin '受骗的县带着全部记录回到真总账' 'the county that was fooled comes back to the true log with all it has'
  prices=$(prices_at "$victim" "$victim")
  sleep 1.1 # signed within a second
  run 0 "$node" export --dir "$dir/$victim" --out "$stick" --all
  # It shows another log of the province's own; this one is the log because the others have witnessed it.
  await_greeting 2 'counties that have cosigned the log' "${counties[0]} ${counties[1]}" cosigned_all
  run 0 "$hub" accept --dir "$dir/hub" "$stick"
  stop "$victim"
  mv "$dir/$victim" "$dir/$victim.fooled"
  run 0 "$hub" revoke --dir "$dir/hub" --branch "$victim"
  rm -f "$dir/lines/$victim.cut"
  sleep 0.2
  enroll "$victim"
  rm -f "$dir/$victim.session"
  (umask 077; printf 'admin\n%s\n' "$(cat "$dir/$victim.password")" > "$dir/$victim.account")
  start_node "$victim"
  await 60 "$prices" "prices of $victim, its history being given back" prices_at "$victim" "$victim"
  await_received "$victim"
  expect 'what it sees now' "$(note_at "$victim")" "$(note_at hub)"
  expect "prices of $victim at the province" "$(prices_at hub "$victim")" "$prices"
  await_witnessed "$victim"
  proved "$prices 个价格一个不少,重新见证同一本总账 prices, none missing; it witnesses the same log as all again"
}
