# lost_hub.sh - the province's disk is gone.  What is left is a backup from its first day, and its counties.

backup_of_the_first_day() {
  mkdir -p "$dir/usb"
  run 0 "$hub" backup --dir "$dir/hub" --out "$dir/usb/first-day.sealed"
}

a_lost_hub() {
  return 0
}
