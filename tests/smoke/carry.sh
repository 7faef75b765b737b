# carry.sh - a county without any line reports by a USB stick.

a_stick_instead_of_a_line() {
  local county=${counties[1]} id stick=$dir/usb/pending.carry
  mkdir -p "$dir/usb"

  begin "${zh_of[$county]}没有线路,数据装进 U 盘" "${en_of[$county]} has no line: what is pending goes onto a stick"
  cut_lines "$county"
  id=$(record_price "$county" 1580)
  expect 'place of the price' "$(ask "$county" GET "/prices/$id" - place.at)" branch
  sleep 1.1 # the newest entry is signed within a second
  run 0 "$node" export --dir "$dir/$county" --out "$stick"
  proved "$(basename "${said##*$'\n'}")"

  begin '省中心收下 U 盘,写出回执' 'the province accepts it and writes a receipt'
  run 0 "$hub" accept --dir "$dir/hub" "$stick"
  expect 'prices of the county at the province' "$(prices_at hub "$county")" 1
  proved "${said%%$'\n'*}"

  begin '回执带回县里,算作省里已收到' 'the receipt goes back: the entry counts as received'
  run 0 "$node" accept --dir "$dir/$county" "$stick.receipt"
  expect 'place of the price' "$(ask "$county" GET "/prices/$id" - place.at)" province
  expect 'entries still pending' "$(pending "$county")" 0
  proved "线路仍断 the line is still cut; ${said%%$'\n'*}"

  begin '同一个 U 盘再来一遍无害' 'the same stick twice is harmless'
  run 0 "$hub" accept --dir "$dir/hub" "$stick"
  expect_words 'the stick again' '0 new entries'
  run 0 "$node" accept --dir "$dir/$county" "$stick.receipt"
  expect 'prices of the county at the province' "$(prices_at hub "$county")" 1
  mend_lines "$county"
  await_received "$county"
  expect 'prices of the county at the province' "$(prices_at hub "$county")" 1
  proved '省里仍只有一条 one price at the province, before and after the line is back'
}
