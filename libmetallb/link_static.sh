#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a static library whose internal names do not reach its user: one relocatable object in
# which everything but the public functions is local.
# Usage: link_static.sh INTERNAL-LIBRARY RESULT
set -eu

internal=$1
result=$2
object=${result%.a}.o

ld -r --whole-archive "$internal" -o "$object"
objcopy --localize-hidden "$object"
rm -f "$result"
ar rcs "$result" "$object"
rm -f "$object"
