#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The demo on a few hundred small files with names that are hard to handle; and that its verification is a real one:
#   demo_test.sh IPCM
set -euo pipefail
run=$(dirname "$0")/run
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for i in $(seq 500); do echo "file $i" >"$folder/$i"; done
odd=('two words' $'two\nlines' $'a\ttab' '"quoted"' 'back\slash' '-dash' "it's" '100% $HOME `x`' 'äöü €' '{}')
for name in "${odd[@]}"; do echo "$name" >"$folder/$name"; done
: >"$folder/empty"
echo 'left out' >"$folder/"$'not UTF-8 \xff'
echo 'left out' >"$folder/"$'\x1b[1mescape'

expect() {
  local status=$1 text=$2 got=0
  shift 2
  output=$("$run" "$@") || got=$?
  if [ "$got" != "$status" ] || ! grep -q "$text" <<<"$output"; then
    printf 'Expected status %s and "%s", but it was %s with:\n%s\n' "$status" "$text" "$got" "$output"
    exit 1
  fi
}

expect 0 '^OK: 511 files' "$1" "$folder"
grep -q '^2 more have names' <<<"$output"
expect 1 '1 missing, 0 that' "$1" "$folder" missing
expect 1 '1 missing, 1 that' "$1" "$folder" wrong
expect 1 '0 missing, 0 that .*, 1 twice' "$1" "$folder" twice
