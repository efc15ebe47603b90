#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Includes of the CPU go one way: no file of SOURCES includes a header of a layer that comes after its
# own in the table of layers in DOCUMENT, which names every file.
# Usage: layers.sh DOCUMENT SOURCES
set -euo pipefail

document=$1
sources=$2

# Rows look like: | `mmu` | `mmu.h` | what it does | `mmu`, `walk` |
mapfile -t rows < <(sed -n '/^| layer | interface |/,/^$/p' "$document" | sed '1,2d; /^$/d')
declare -A layer=()
for number in "${!rows[@]}"; do
    IFS='|' read -r _ _ interface _ files _ <<<"${rows[$number]}"
    # shellcheck disable=SC2016 # backquotes of Markdown
    for name in $(grep -o '`[^`]*`' <<<"$files" | tr -d '`'); do
        found=
        while read -r file; do
            layer[$(basename "$file")]=$number
            found=1
        done < <(compgen -G "$sources/$name.[ch]")
        [[ -n $found ]] || {
            echo "the table names $name, which is no file"
            exit 1
        }
    done
    header=$(tr -d '` ' <<<"$interface")
    [[ $header == */* || ${layer[$header]-} == "$number" ]] || {
        echo "$header is not in the layer whose interface it is"
        exit 1
    }
done

status=0
seen=0
for path in "$sources"/*.[ch]; do
    file=$(basename "$path")
    [[ -n ${layer[$file]-} ]] || {
        echo "$file has no layer"
        status=1
        continue
    }
    while read -r header; do
        seen=$((seen + 1))
        [[ -z ${layer[$header]-} || ${layer[$header]} -le ${layer[$file]} ]] || {
            echo "$file includes $header, of a layer after its own"
            status=1
        }
    done < <(sed -n 's/^#include "\([a-z0-9_]*\.h\)"$/\1/p' "$path")
done
[[ $seen -gt 0 ]] || {
    echo "no include in $sources"
    status=1
}
exit $status
