# evidence.sh - an auditor takes one bundle away and checks it without the province: once with sunlit-verify, once with
# openssl and the bundle's own README alone.

evidence_for_an_auditor() {
  local county=${counties[0]} pos entry bundle
  local offline=()
  unshare -rn true 2> /dev/null && offline=(unshare -rn) # a machine without any network, where the kernel lets us
  mkdir -p "$dir/auditor"

  begin '审计员取走一份证据包' 'an auditor takes an evidence bundle away'
  pos=$(look hub "SELECT max(pos) FROM audit WHERE author = $county AND action = 'price.add'")
  ask hub GET "/audit/$pos/evidence" > "$dir/auditor/evidence.tar"
  ask hub GET /log/keys.txt > "$dir/auditor/keys.txt"
  "$hub" log-token --dir "$dir/hub" --for auditor > "$dir/auditor/token" || fail 'no token for the auditor'
  # The log's key is the one the county pinned when it was enrolled, not what the province says of itself today.
  log_key "$county" > "$dir/auditor/log.vkey"
  proved "总账第 $pos 位 entry $pos of the log, $(stat -c %s "$dir/auditor/evidence.tar") 字节 bytes; 取证本身也有记录 the taking is itself an entry"

  begin '离线用 sunlit-verify 核对证据包' 'sunlit-verify checks it offline'
  run 0 "${offline[@]}" "$verifier" --log "$(cat "$dir/auditor/log.vkey")" "$dir/auditor/evidence.tar"
  expect_words 'sunlit-verify of the bundle' "author's signature and place in the log of each entry in this bundle, 1 in all"
  proved "$(sed -n 's/^ *proved: //p' <<< "$said")${offline[*]:+; 无网络 no network}"

  begin '只按证据包自带的说明,用 openssl 核对' 'openssl alone checks it, by the README in the bundle'
  tar -xf "$dir/auditor/evidence.tar" -C "$dir/auditor"
  bundle=$dir/auditor/sunlit-evidence-$pos
  entry=$bundle/entries/$pos
  sed -n 's/^  \$ //p' "$bundle/README.txt" > "$bundle/by-hand"
  run 0 env -C "$bundle" sha256sum -c SHA256SUMS
  run 0 env -C "$entry" "${offline[@]}" bash -euo pipefail ../../by-hand
  expect 'signatures that openssl found good' "$(grep -c 'Signature Verified Successfully' <<< "$said")" 2
  proved "作者签名、内容、总账签名、从叶子到树根 $(grep -c . "$bundle/by-hand") 行命令都成立 author's signature, payload, log's signature, leaf to root hold"

  begin '证据改动一个比特就不成立' 'one changed bit and it does not hold'
  printf '\001' | dd of="$entry/record.bin" bs=1 seek=40 conv=notrunc status=none
  run 1 env -C "$entry" bash -euo pipefail ../../by-hand
  cp "$dir/auditor/evidence.tar" "$dir/auditor/changed.tar"
  printf '\001' | dd of="$dir/auditor/changed.tar" bs=1 seek=$(($(grep -obaF sunlit.head.v1 "$dir/auditor/changed.tar" | tail -n 1 | sed 's/:.*//') + 20)) conv=notrunc status=none
  run 1 "$verifier" --log "$(cat "$dir/auditor/log.vkey")" "$dir/auditor/changed.tar"
  expect_words 'sunlit-verify of a changed bundle' 'NOT VERIFIED'
  proved "$(refusal)"
}

# A C2SP verifier key made of a public key: NAME+HASH+base64(TYPE || KEY).
vkey() { # NAME TYPE-IN-HEX KEY-IN-HEX
  local id
  id=$({ printf '%s\n' "$1"; from_hex "$2$3"; } | sha256sum | head -c 8)
  say "$1+$id+$(from_hex "$2$3" | base64 -w 0)"
}

log_key() { vkey 330000.sunlit/log 01 "$(look "$1" 'SELECT hex(public_key) FROM sync_key WHERE author = 330000 AND epoch = 1')"; } # COUNTY
