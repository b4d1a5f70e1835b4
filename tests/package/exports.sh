#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library exports what is of ipcm itself, and none of its inner namespaces: exports.sh LIBIPCM.SO
set -eu
exported=$(nm --dynamic --defined-only --demangle "$1" | cut -d ' ' -f 3-)
inner=$(printf '%s\n' "$exported" | grep -Ev '^(typeinfo (name )?for |vtable for )?ipcm::([A-Z]|[a-z_]+[([])' |
  grep -v '^IPCM_' || true)
if [ -n "$inner" ]; then
  printf 'The library exports what is not for its users; see src/libipcm.map:\n%s\n' "$inner" >&2
  exit 1
fi
printf '%s\n' "$exported" | grep -q '^ipcm::connect(' || { echo 'The library exports nothing of use.' >&2; exit 1; }
