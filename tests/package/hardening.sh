#!/bin/sh
# SPDX-License-Identifier: MIT
# What was built has the hardening that Debian and Ubuntu give their packages, as it stands in the files:
#   hardening.sh LIBIPCM.SO IPCM LIBIPCM.A
set -eu
library=$1 command=$2 archive=$3
failures=0
complain() { printf '%s: %s\n' "$1" "$2" >&2; failures=1; }

for file in "$library" "$command"; do
  segments=$(readelf --wide --segments "$file")
  dynamic=$(readelf --wide --dynamic "$file")
  echo "$segments" | grep -q GNU_RELRO || complain "$file" "no part of it is read-only after it was bound (RELRO)"
  echo "$dynamic" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || complain "$file" "it is not bound before it starts (-z now)"
  ! echo "$segments" | grep -q 'GNU_STACK.*E' || complain "$file" "its stack can be executed"
  symbols=$(nm --dynamic --undefined-only "$file")
  echo "$symbols" | grep -q '__stack_chk_fail' || complain "$file" "it has no guards of the stack"
  echo "$symbols" | grep -qE '__[a-z0-9_]+_chk(@|$)' || complain "$file" "it has no checked calls of the C library"
done
readelf --wide --file-header "$command" | grep -q 'Type: *DYN' || complain "$command" "its address is fixed (no PIE)"

# Control flow: x86 has IBT and SHSTK, AArch64 BTI and PAC. A program has them only if everything that is in it does.
case $(readelf --file-header "$command" | sed -n 's/^ *Machine: *//p') in
  *X86-64*) wanted='IBT, SHSTK' ;;
  AArch64) wanted='BTI, PAC' ;;
  *) wanted= ;;
esac
if [ -z "$wanted" ]; then
  echo "Skipped: this architecture has no protection of the control flow."
elif [ "$(readelf --notes "$archive" 2>/dev/null | grep -c "$wanted")" -lt "$(ar t "$archive" | wc -l)" ]; then
  complain "$archive" "not all of it has its control flow protected ($wanted)"
else
  for file in "$library" "$command"; do
    readelf --notes "$file" | grep -q "$wanted" ||
      echo "Skipped: $file has no $wanted, because something of this distribution that is linked into it has not."
  done
fi
exit $failures
