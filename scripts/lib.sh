# SPDX-License-Identifier: MIT
# What the commands in this folder share. Sourced, from the top of the source tree.

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Debian's names of what is needed to build and test, each with a proof that it is there, whoever installed it.
needs=(
  'g++               command -v g++'
  'cmake             command -v cmake'
  'ninja-build       command -v ninja'
  'pkg-config        command -v pkg-config'
  'sqlite3           command -v sqlite3'
  'libsqlite3-dev    has_header sqlite3.h'
  'libsqlitecpp-dev  has_header SQLiteCpp/SQLiteCpp.h'
  'nlohmann-json3-dev has_header nlohmann/json.hpp'
  'libsimdjson-dev   has_header simdjson.h'
  'libhowardhinnant-date-dev has_header date/tz.h'
  'libcli11-dev      has_header CLI/CLI.hpp'
  'libboost-test-dev has_header boost/test/unit_test.hpp'
  'librapidcheck-dev has_header rapidcheck.h'
  'valgrind          command -v valgrind'
)

has_header() { printf '#if !__has_include(<%s>)\n#error\n#endif\n' "$1" | g++ -E -x c++ - ; }

# What formats, analyses and fuzzes is of LLVM 14: another version formats otherwise and complains of other things.
# clang_14 TOOL: prints the name under which version 14 of it is there.
clang_14() {
  local name
  for name in "$1-14" "$1"; do
    if command -v "$name" >/dev/null && "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
      printf '%s\n' "$name"
      return
    fi
  done
  return 1
}

# Installs what is missing of `needs`; asks apt for nothing that is there.
install_needs() {
  local need package proof missing=()
  for need in "${needs[@]}"; do
    read -r package proof <<<"$need"
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || $proof >/dev/null 2>&1 ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  if ! command -v apt-get >/dev/null; then
    fail "no apt on this machine. Please install what Debian calls: ${missing[*]}"
  elif [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "not root, and no sudo. As root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update
  for package in "${missing[@]}"; do
    apt-cache show "$package" >/dev/null 2>&1 || fail_without "$package"
  done
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

# fail_without PACKAGE, which apt does not know.
fail_without() {
  case $1 in
    clang-format-14) fail "this wants clang-format 14, which this system has no package of; other versions format" \
      "otherwise. Have it with: pipx install clang-format==14.0.6" ;;
    *clang*-14*) fail "this wants $1, which this system has no package of. Debian 12 and Ubuntu 24.04 have: run this" \
      "there, for instance in a container of debian:12" ;;
    *) fail "this wants what Debian calls $1, which this system has no package of. Please install it by hand" ;;
  esac
}

# build PRESET [TARGET...]: all targets where none is named. Configures only when that was not done yet, or under CI,
# which makes warnings errors; after that the build notices by itself what changed.
build() {
  local preset=$1 folder=build/$1
  shift
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache} CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
    # With precompiled headers: https://ccache.dev/manual/latest.html#_precompiled_headers
    export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  fi
  if [ -n "${CI-}" ] || [ ! "$folder/build.ninja" -nt CMakePresets.json ]; then cmake --preset "$preset"; fi
  cmake --build "$folder" ${@:+--target "$@"}
}
