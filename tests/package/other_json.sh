#!/bin/sh
# SPDX-License-Identifier: MIT
# JSON values pass between a program and the library, so a program with another nlohmann_json is refused: by
# find_package, by pkg-config, and by the compiler.
#   other_json.sh PREFIX LIBDIR CXX CMAKE GENERATOR NLOHMANN_INCLUDE_FOLDER
set -eu
prefix=$1 libdir=$2 cxx=$3 cmake=$4 generator=$5 nlohmann=$6
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
fail() { echo "$1" >&2; cat "$work/output" >&2; exit 1; }

# The same nlohmann_json, but that it says to be of another version.
mkdir -p "$work/other/include" "$work/other/share/cmake/nlohmann_json" "$work/other/share/pkgconfig"
cp -r "$nlohmann/nlohmann" "$work/other/include"
grep -rlE 'define NLOHMANN_JSON_VERSION_PATCH|NLOHMANN_JSON_VERSION_PATCH !=' "$work/other/include" |
  xargs sed -i -E 's/(NLOHMANN_JSON_VERSION_PATCH( !=)?) [0-9]+/\1 99/'
cat >"$work/other/share/cmake/nlohmann_json/nlohmann_jsonConfig.cmake" <<END
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
END
cat >"$work/other/share/cmake/nlohmann_json/nlohmann_jsonConfigVersion.cmake" <<END
set(PACKAGE_VERSION 3.11.99)
set(PACKAGE_VERSION_COMPATIBLE TRUE)
END
printf 'Name: nlohmann_json\nDescription: another\nVersion: 3.11.99\n' >"$work/other/share/pkgconfig/nlohmann_json.pc"

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(other_json LANGUAGES NONE)
set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)  # the right one is there, too
set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH OFF)
find_package(ipcm REQUIRED COMPONENTS shared)
END
if "$cmake" -G "$generator" -S "$work/project" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix;$work/other" \
  >"$work/output" 2>&1; then
  fail "find_package(ipcm) takes another nlohmann_json."
fi
grep -q 'nlohmann_json' "$work/output" || fail "find_package(ipcm) does not say what is wrong."

export PKG_CONFIG_PATH="$work/other/share/pkgconfig:$prefix/$libdir/pkgconfig"
if pkg-config --print-errors --exists ipcm >"$work/output" 2>&1; then fail "pkg-config takes another nlohmann_json."; fi
grep -q 'nlohmann_json' "$work/output" || fail "pkg-config does not say what is wrong."

if $cxx -std=c++20 -fsyntax-only -isystem "$work/other/include" -I "$prefix/include" "$here/consumer.cpp" \
  >"$work/output" 2>&1; then
  fail "A program is compiled with another nlohmann_json."
fi
grep -q 'another version of nlohmann_json' "$work/output" || fail "The compiler does not say what is wrong."
