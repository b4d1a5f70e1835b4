#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library exports what the public headers declare, and nothing else: exports.sh LIBIPCM.SO INCLUDE_FOLDER
set -eu
library=$1 headers=$2
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# One line a symbol: its name without namespaces of the library, templates and parameters, e.g. "Client::send_message".
nm --dynamic --defined-only --demangle "$library" | cut -d ' ' -f 3- | grep -v '^IPCM_' >"$work/exported"
sed -E -e 's/^(typeinfo name for|typeinfo for|vtable for) (.*)$/\2/' -e 's/@.*//' -e 's/\[abi:[a-z0-9]+\]//g' \
  -e 's/\(.*//' -e 's/operator.*/operator/' -e 's/<.*//' -e 's/^ipcm:://' "$work/exported" | sort -u >"$work/names"

# Classes that the headers define, not only declare, and all words that are in them.
find "$headers" -name '*.hpp' -exec cat {} + | sed 's,//.*,,' >"$work/text"
sed -nE 's/^ *(class|struct) ([A-Za-z]+) *([:{].*| final.*)$/\2/p' "$work/text" | sort -u >"$work/classes"
grep -oE '[A-Za-z_]+' "$work/text" | sort -u >"$work/words"

awk -v classes="$work/classes" -v words="$work/words" '
  BEGIN {
    while ((getline name <classes) > 0) is_class[name] = 1
    while ((getline word <words) > 0) is_word[word] = 1
  }
  {
    count = split($0, parts, "::")
    known = 1
    for (n = 1; n < count; ++n) known = known && (parts[n] in is_class)
    last = parts[count]
    sub(/^~/, "", last)
    if (!known || !(last in is_word)) print
  }' "$work/names" >"$work/inner"

if [ -s "$work/inner" ]; then
  printf 'The library exports what no public header defines; see src/libipcm.map:\n' >&2
  cat "$work/inner" >&2
  exit 1
fi
for name in connect Client::send_message Message::to_json; do
  grep -qx "$name" "$work/names" || { echo "The library does not export $name." >&2; exit 1; }
done
