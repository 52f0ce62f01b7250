#!/bin/sh
# SPDX-License-Identifier: MIT
# Copies a static library so that what it allocates comes from failing_allocator.c.
# Usage: link_failing.sh LIBRARY NAMES RESULT
set -eu

library=$1
names=$2
result=$3
directory=$result.objects

rm -rf "$result" "$directory"
mkdir "$directory"
# The archive is a thin one: it lists the paths of its objects.
ar t "$library" | while read -r object; do
    objcopy --redefine-syms="$names" "$object" "$directory/$(basename "$object")"
done
ar rcs "$result" "$directory"/*.o
rm -rf "$directory"
