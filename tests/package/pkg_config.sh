#!/bin/sh
# SPDX-License-Identifier: MIT
# A user with a compiler and pkg-config alone: pkg_config.sh PREFIX LIBDIR CXX WORK_FOLDER
set -eu
prefix=$1 libdir=$2 cxx=$3 work=$4
source=$(dirname "$0")/consumer.cpp
export PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig"
mkdir -p "$work"
cd "$work"

$cxx -std=c++20 $(pkg-config --cflags ipcm) -c "$source" -o consumer.o
$cxx consumer.o $(pkg-config --libs ipcm) -o consumer
LD_LIBRARY_PATH=$prefix/$libdir ./consumer

# Statically: the archive by name, and what it needs.
$cxx consumer.o "$prefix/$libdir/libipcm.a" $(pkg-config --static --libs ipcm | sed 's/-lipcm//') -o consumer_static
./consumer_static
