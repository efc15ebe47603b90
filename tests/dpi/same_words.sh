#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# smmu_pkg.sv says the same as the headers of C: enumerators in the same order, members of structures in
# the reverse one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly package=component/dpi/smmu_pkg.sv
readonly headers=(component/include/smmu/{types,ops,ats,dvm,smmu}.h)
status=0

complain() {
    echo "$*" >&2
    status=1
}

# Enumerators with their values, a line for each enumeration that begins with WORDS in the text that is
# read. How many there are is none of the values.
enumerations() { # WORDS
    tr '\n' ' ' | grep -oE "$1 +\{[^}]*\}" | sed -E 's/^[^{]*\{//; s/\}//' | awk -F, '{
        line = ""
        value = 0
        for (i = 1; i <= NF; i++) {
            count = split($i, words, /[ =]+/)
            name = words[1] != "" ? words[1] : words[2]
            if (match($i, /= *[0-9]+/))
                value = substr($i, RSTART + 1, RLENGTH - 1) + 0
            if (name != "" && name !~ /_COUNT$/)
                line = line " " name "=" value
            value++
        }
        print substr(line, 2)
    }'
}
c_enums() {
    cat "${headers[@]}" | tr '\n' ' ' | sed -E 's#/\*([^*]|\*+[^*/])*\*+/# #g' |
        enumerations 'enum smmu_[a-z_]+'
}
sv_enums() {
    sed -E 's|//.*||' $package | enumerations 'enum int unsigned'
}

# Members of structure NAME, each with its bits.
c_members() { # NAME
    sed -n "/^struct smmu_dpi_$1 {/,/^};/p" component/dpi/include/smmu/dpi.h |
        sed -nE 's/^ +uint32_t ([a-z0-9_]+)\[2\];.*/\1 64/p; s/^ +uint32_t ([a-z0-9_]+);.*/\1 32/p
                 s/^ +struct smmu_dpi_tag tag;.*/tag/p' | tac
}
sv_members() { # NAME
    tac $package | sed -n "/^  } smmu_$1_t;/,/typedef struct packed/p" | tac |
        sed -nE 's/^ +longint unsigned ([a-z0-9_]+);.*/\1 64/p; s/^ +int( unsigned)? ([a-z0-9_]+);.*/\2 32/p
                 s/^ +smmu_tag_t tag;.*/tag/p'
}

known=$(c_enums)
count=0
while read -r enumerators; do
    count=$((count + 1))
    grep -qxF "$enumerators" <<<"$known" || complain "no enumeration of C is: $enumerators"
done < <(sv_enums)
((count == 13)) || complain "the package has $count enumerations"

for name in txn tag result access inval ats_request ats_completion atc_inv page_request prg_response dvm; do
    [[ -n $(c_members $name) ]] || complain "dpi.h has no structure $name"
    diff <(c_members $name) <(sv_members $name) >&2 || complain "structure $name differs"
done
exit $status
