#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles SOURCE with the flags of an installed pkg-config package and runs the program.
# usage: pkg_config.sh PC-DIRECTORY PACKAGE PROGRAM SOURCE COMPILER [FLAG...]
set -eu

PKG_CONFIG_PATH=$1
export PKG_CONFIG_PATH
package=$2 program=$3 source=$4
shift 4

flags=$(pkg-config --cflags --libs "$package")
# shellcheck disable=SC2086 # a list of words
"$@" "$source" -o "$program" $flags
"$program"
