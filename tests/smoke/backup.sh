# backup.sh - a county's disk is lost and yesterday's backup is all there is.

export SUNLIT_PASSPHRASE='a field of yellow flowers'

yesterdays_backup() {
  local county=${counties[0]} all
  begin "${zh_of[$county]}做备份,之后又记了三个价格" "${en_of[$county]} is backed up, and three prices come after it"
  run 0 "$node" backup --dir "$dir/$county" --out "$dir/usb/county.sealed"
  for fen in 2710 2720 2730; do record_price "$county" "$fen" > /dev/null; done
  await_received "$county"
  all=$(prices_at "$county" "$county")
  proved "$all 个价格,3 个比备份新 prices, 3 of them newer than the backup"

  begin '断电,磁盘丢失,从备份恢复' 'power and disk are lost; the backup is restored'
  crash "$county"
  rm -rf "${dir:?}/$county"
  SUNLIT_PASSPHRASE='a field of yellow flower' run 1 "$node" restore --in "$dir/usb/county.sealed" --dir "$dir/$county"
  [ ! -e "$dir/$county" ] || fail "a refused restore left $dir/$county"
  run 0 "$node" restore --in "$dir/usb/county.sealed" --dir "$dir/$county"
  expect 'prices in the backup' "$(prices_at "$county" "$county")" $((all - 3))
  proved "口令不对不动任何东西 a wrong passphrase touches nothing; ${said##*$'\n'}"

  begin '省中心把之后的记录还给它,什么也没丢' 'the province gives back what came after: nothing is lost'
  start_node "$county"
  await 60 "$all" "prices of $county, its history being given back" prices_at "$county" "$county"
  await 30 0 'marks of a restored copy that still waits' look "$county" 'SELECT count(*) FROM sync_restored'
  record_price "$county" 2740 > /dev/null
  await_received "$county"
  expect 'prices at the province' "$(prices_at hub "$county")" $((all + 1))
  expect 'forks at the province' "$(look hub 'SELECT count(*) FROM sync_fork')" 0
  run 0 "$node" verify --dir "$dir/$county"
  proved "$((all + 1)) 个价格两边相同,没有重号签名 prices on both sides, nothing signed twice; ${said##*$'\n'}"
}

# Power off: no drain, no goodbye.
crash() { # NAME
  kill -KILL "${pids[$1]}"
  wait "${pids[$1]}" 2> /dev/null || true
  pids[$1]=
}
