# SPDX-License-Identifier: Apache-2.0
# What IHI 0070 has, by its own lists beside this file, and what proves that it is here. Sourced by
# docs/spec-tables, whose rows() and $core it uses.
#
# The last column of a list is either one of the words `absent`, `Secure`, `Realm` and `Root`: what the
# row names is not there, and the state that it is of; or names of tests of tests/core: SUITE,
# SUITE.TEST, or SUITE/ROW of a parametrised one. agree() holds the lists against code and tests.
# shellcheck shell=bash
readonly lists=docs/spec
: "${core:?}"

# Rows of a list, without its header.
listed() { tail -n +2 "$lists/$1.tsv"; }

# The last column as a cell.
# shellcheck disable=SC2016 # of awk
readonly cell='function cell(words,   n, w, i, out) {
    n = split(words, w, " ")
    if (w[1] ~ /^(absent|Secure|Realm|Root)$/) return w[1]
    for (i = 1; i <= n; i++) out = out (i > 1 ? ", " : "") "`" w[i] "`"
    return out
}'

table_features() {
    echo "| section | feature | | proof |"
    echo "|---|---|---|---|"
    listed features | awk -F'\t' "$cell"'{ print "| " $1 " | " $2 " | " ($3 == "-" ? "" : $3) " | " cell($4) " |" }'
}

# Fields of registers; those of another state than the Non-secure one by their register alone.
table_registerfields() {
    echo "| section | register | field | bits | proof |"
    echo "|---|---|---|---|---|"
    listed registers | awk -F'\t' "$cell"'
        $5 ~ /^(Secure|Realm|Root)$/ && $2 ~ /_(S|R|ROOT)_/ || $2 ~ /_(SCR|ROOTCR|S_MPAMIDR)$/ {
            if ($2 != last) print "| " $1 " | " $2 " | all | | " $5 " |"
            last = $2
            next
        }
        { print "| " $1 " | " $2 " | " ($3 == "-" ? "" : $3) " | " ($4 == "-" ? "" : "[" $4 "]") " | " cell($5) " |" }'
}

# How code has the field [high:low] of a structure: not at all, or read somewhere, or not.
field_state() { # TYPE HIGH LOW
    local header=cd owner name high low state=
    [[ $1 == l1std || $1 == ste ]] && header=ste
    while IFS=', ' read -r owner name high low; do
        [[ $owner == "$1" ]] || continue
        ((low <= $2 && high >= $3)) || continue
        state=ignored
        grep -qE "\b$1_(set_)?$name\(" "$core"/*/*.c && { echo functional; return; }
    done < <(rows RAW_FIELD "$core/stream/${header}_layout.h" | sed 's/) .*//')
    echo "$state"
}

table_structures() {
    local section structure field bits proof state
    echo "| section | structure | field | bits | state | proof |"
    echo "|---|---|---|---|---|---|"
    listed structures | while IFS=$'\t' read -r section structure field bits proof; do
        state=functional
        [[ $structure == VMS ]] || state=$(field_state "${structure,,}" "${bits%:*}" "${bits#*:}")
        [[ $proof =~ ^(absent|Secure|Realm|Root)$ ]] && state=
        printf '%s\t' "$section" "$structure" "$field" "$bits" "${state:-ignored}" "$proof"
        echo
    done | awk -F'\t' "$cell"'{
        state = $6 ~ /^(absent|Secure|Realm|Root)$/ ? "" : $5
        print "| " $1 " | " $2 " | " $3 " | [" $4 "] | " state " | " cell($6) " |"
    }'
}

# Commands and events, with what code says of those that are there.
table_commands() {
    echo "| section | command | opcode | exists with | proof |"
    echo "|---|---|---|---|---|"
    join_listed commands < <(rows 'CMD|QUEUE_CMD|TLBI' "$core"/cmd/cmd.def | awk -F', ' '
        { gsub(/cfg->/, "", $3); print "CMD_" $1 "\t" $2 "\t" ($3 == "true" ? "" : $3) }')
}

table_events() {
    echo "| section | event | number | fields beside Type and StreamID | proof |"
    echo "|---|---|---|---|---|"
    join_listed events < <(rows EVENT "$core"/report/event.def | awk -F', ' '
        { gsub(/ \| /, ", ", $3); print $1 "\t" $2 "\t" ($3 == "0" ? "" : $3) }')
}

# Rows of a list of names with the two columns that code, on standard input, has of them.
join_listed() { # LIST
    awk -F'\t' "$cell"'
        FNR == NR { first[$1] = $2; second[$1] = $3; next }
        FNR > 1 { print "| " $1 " | " $2 " | " first[$2] " | " second[$2] " | " cell($3) " |" }
    ' - "$lists/$1.tsv"
}

# --- the lists against code and tests ---

# Names of what code has, as the lists spell them.
coded_registers() {
    rows REG "$core"/bank/regs.def | sed 's/^/SMMU_/; s/,.*//'
    echo SMMU_AGBPA # RES0, as locations without a register are (IHI 0070 6.3.15)
    rows 'CONTROL_PAGE|ECMDQ' "$core"/bank/ecmdq_regs.def | sed 's/^/SMMU_/; s/,.*/<n>/'
    rows PMCG_REG "$core"/pmcg/pmcg_regs.def |
        sed -E 's/^/SMMU_PMCG_/; s/,.*//; s/(EVCNTR|EVTYPER|SVR|SMR)$/\1<n>/'
}
coded_commands() {
    rows 'CMD|QUEUE_CMD|TLBI' "$core"/cmd/cmd.def | sed 's/^/CMD_/; s/,.*//'
    echo CMD_CFGI_ALL # CMD_CFGI_STE_RANGE of all StreamIDs (IHI 0070 4.3.6)
}
coded_events() {
    rows EVENT "$core"/report/event.def | sed 's/,.*//'
    echo IMPDEF_EVENTn # of which the implementation has chosen to have none
}
coded_fields() {
    local section structure field bits proof
    while IFS=$'\t' read -r section structure field bits proof; do
        [[ $structure == VMS ]] && continue
        grep -qE "^RAW_FIELD\(${structure,,}, $field," "$core"/stream/*_layout.h && echo "$structure.$field"
    done < <(listed structures)
    echo VMS.PARTID_MAP
}

# NAME and PROOF of each row of a list, of which the NAME that is asked about is made.
names_of() { # LIST
    case $1 in
        structures) listed structures | awk -F'\t' '{ print $2 "." $3 "\t" $5 }' ;;
        registers) listed registers | awk -F'\t' '{ print $2 "\t" $5 }' ;;
        *) listed "$1" | awk -F'\t' '{ print $2 "\t" $3 }' ;;
    esac
}

# Complaints about a list: what code has must be listed and not be called absent; what tests prove must
# be in code. Fields need no name in code: some are parts of one, or are ignored.
disagreements() { # LIST CODED...
    local list=$1
    shift
    "$@" | awk -F'\t' -v list="$list" '
        FNR == NR { coded[$1] = 1; next }
        { known[$1] = 1; if ($2 !~ /^(absent|Secure|Realm|Root)$/) proved[$1] = 1 }
        END {
            for (name in coded) {
                if (!(name in known)) print list ".tsv does not know " name
                else if (!(name in proved) && list != "registers") print list ".tsv: " name " is there, and no test of it named"
            }
            for (name in proved)
                if (!(name in coded) && list != "structures") print list ".tsv: " name " is named as tested, and is not there"
        }' - <(names_of "$list")
}

# Names of the tests there are, and of rows of parameters: SUITE, SUITE.TEST, /ROW.
tests_there_are() {
    sed -nE 's/^TEST(_F|_P)?\(([A-Za-z0-9_]+), ([A-Za-z0-9_]+)\).*/\2\n\2.\3/p; s|^    \{"([A-Za-z0-9_]+)",.*|/\1|p' \
        tests/core/*.cpp
}

# Complaints about names of tests that there are not.
unknown_tests() {
    tail -qn +2 "$lists"/*.tsv | awk -F'\t' '{ print $NF }' | tr ' ' '\n' | sort -u |
        awk 'FNR == NR { there[$0] = 1; next }
            /^(absent|Secure|Realm|Root)$/ { next }
            { suite = row = $0; sub(/\/.*/, "", suite); if (!sub(/^[^\/]*\//, "/", row)) row = "" }
            !(suite in there) || (row != "" && !(row in there)) { print "no test is called " $0 }
        ' <(tests_there_are) -
}

agree() {
    local complaints
    mapfile -t complaints < <(
        disagreements registers coded_registers
        disagreements commands coded_commands
        disagreements events coded_events
        disagreements structures coded_fields
        unknown_tests
    )
    ((${#complaints[@]})) || return 0
    printf 'spec-tables: %s\n' "${complaints[@]}" >&2
    return 1
}
