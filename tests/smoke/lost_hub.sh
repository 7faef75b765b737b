# lost_hub.sh - the province's disk is gone.  What is left is a backup from its first day, and its counties.

backup_of_the_first_day() {
  mkdir -p "$dir/usb"
  run 0 "$hub" backup --dir "$dir/hub" --out "$dir/usb/first-day.sealed"
}

a_lost_hub() {
  local county noted prices

  begin '省中心的磁盘全部丢失' "the province's disk is gone, all of it"
  await_received "${counties[@]}"
  await_witnessed "${counties[@]}"
  noted=$(signed hub)
  prices=$(look hub 'SELECT count(*) FROM price')
  for county in "${counties[@]}"; do had[$county]=$(evidence_at "$county" | cut -d ' ' -f 1); done
  crash hub
  rm -rf "${dir:?}/hub"
  proved "断电并删除 killed and deleted; 各县见证过的总账 the log that the counties have witnessed: ${noted%% *} 条 entries, 树根 root ${noted##* }"

  begin '恢复第一天的备份,其余从各县取回' 'the backup of the first day is restored, the rest comes back from the counties'
  run 0 "$hub" restore --in "$dir/usb/first-day.sealed" --dir "$dir/hub"
  run 0 "$hub" status --dir "$dir/hub"
  expect_words 'the status of a restored province' 'put back from a backup'
  run 0 "$hub" rebuild --dir "$dir/hub" --from-branches --branches "$(IFS=,; echo "${counties[*]}")" \
    --sync "127.0.0.1:$((port - 1000))"
  expect 'size and root of the rebuilt log' "$(signed hub)" "$noted"
  expect 'prices of the rebuilt province' "$(look hub 'SELECT count(*) FROM price')" "$prices"
  expect_words 'what the rebuild said' 'its root is the one last witnessed'
  expect_words 'what is to be made again' 'log-token'
  proved "$(sed -n '/leaves of the backup/p' <<< "$said"); 树根相同 the root is the same: ${noted##* }"

  begin '一切照旧,没有一个县看到另一段历史' 'all goes on, and no county was shown another past'
  start_hub "$dir/hub"
  # Its accounts are those of the first day, one-time password and all.
  rm -f "$dir/hub.session"
  (umask 077; printf 'admin\n%s\n' "$(cat "$dir/hub.password")" > "$dir/hub.account")
  ask hub GET /board > /dev/null
  for county in "${counties[@]}"; do record_price "$county" 2300 > /dev/null; done
  await_received "${counties[@]}"
  await_witnessed "${counties[@]}"
  for county in "${counties[@]}"; do expect "proofs of lies at $county" "$(evidence_at "$county" | cut -d ' ' -f 1)" "${had[$county]}"; done
  expect 'prices at the province' "$(look hub 'SELECT count(*) FROM price')" $((prices + ${#counties[@]}))
  proved "$((prices + ${#counties[@]})) 个价格 prices; 总账接着长 the log goes on: $(signed hub | cut -d ' ' -f 1) 条 entries"
}
