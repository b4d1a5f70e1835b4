#!/bin/sh
# SPDX-License-Identifier: MIT
# The command finds the shared library that was installed with it, and still does when both were moved together:
#   installed_command.sh CMAKE BUILD_FOLDER BINDIR
set -eu
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
unset LD_LIBRARY_PATH
"$1" --install "$2" --prefix "$work/installed" >/dev/null
mv "$work/installed" "$work/moved"
ipcm=$work/moved/$3/ipcm
readelf --dynamic "$ipcm" | grep 'NEEDED.*libipcm'
"$ipcm" spawn "$work/jobs.ipcm"
"$ipcm" connect "$work/jobs.ipcm" --as worker
"$ipcm" send "$work/jobs.ipcm" worker 1
"$ipcm" get "$work/jobs.ipcm" --as worker --json | grep '"content":1'
