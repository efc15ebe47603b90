#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Includes of the CPU go one way: no file of SOURCES includes a header of a layer that comes after its
# own in the table of layers in DOCUMENT, which names every file. A layer is a folder of SOURCES, and
# headers are included by their folder. Tables of rows (.def) are data, which all layers may read.
# Usage: layers.sh DOCUMENT SOURCES
set -euo pipefail

document=$1
sources=$2
status=0

complain() {
    echo "$*"
    status=1
}

# Rows look like: | `mmu` | `mmu.h` | what it does | `mmu`, `walk` |
mapfile -t rows < <(sed -n '/^| layer | interface |/,/^$/p' "$document" | sed '1,2d; /^$/d')
declare -A number=() listed=()
for row in "${!rows[@]}"; do
    IFS='|' read -r _ layer interface _ files _ <<<"${rows[$row]}"
    layer=$(tr -d '` ' <<<"$layer")
    number[$layer]=$row
    # shellcheck disable=SC2016 # backquotes of Markdown
    for name in $(grep -o '`[^`]*`' <<<"$files" | tr -d '`'); do
        found=
        while read -r file; do
            listed[$layer/$(basename "$file")]=1
            found=1
        done < <(compgen -G "$sources/$layer/$name.[ch]" || true
            compgen -G "$sources/$layer/$name.[ch]pp")
        [[ -n $found ]] || complain "the table names $name, which is no file of $layer"
    done
    header=$(tr -d '` ' <<<"$interface")
    [[ $header == */* || -n ${listed[$layer/$header]-} ]] ||
        complain "$header is not in the layer whose interface it is"
done

seen=0
while read -r path; do
    file=${path#"$sources/"}
    [[ -n ${listed[$file]-} ]] || {
        complain "$file has no layer"
        continue
    }
    while read -r header; do
        layer=${header%%/*}
        if [[ -n ${number[$layer]-} ]]; then
            seen=$((seen + 1))
            [[ ${number[$layer]} -le ${number[${file%%/*}]} ]] ||
                complain "$file includes $header, of a layer after its own"
        elif [[ -e ${path%/*}/$header ]]; then
            complain "$file includes $header without its layer"
        fi
    done < <(sed -n 's/^#include "\([^"]*\.h\(pp\)\?\)"$/\1/p' "$path")
done < <(find "$sources" -name '*.[ch]' -o -name '*.[ch]pp')
[[ $seen -gt 0 ]] || complain "no include in $sources"
exit $status
