#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/spec-tables refuses lists of the specification that code or tests do not agree with: one
# disagreement of each kind.
set -euo pipefail

source_tree=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
scratch=$(mktemp -d)
readonly source_tree scratch
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir docs
ln -s "$source_tree/component" "$source_tree/tests" .
failed=

# Change a list by a sed script; the complaint must have the words.
expect() { # LIST SCRIPT WORDS
    local said
    rm -rf docs/spec
    cp -r "$source_tree/docs/spec" docs/spec
    sed -i "$2" "docs/spec/$1.tsv"
    said=$(
        core=component/core
        # shellcheck disable=SC2317 # called by what is sourced
        rows() { sed -nE "s/^($1)\((.*)\).*/\2/p" "$2"; }
        # shellcheck source=docs/spec/tables.sh
        source docs/spec/tables.sh
        agree 2>&1
    ) && [[ -n $3 ]] && { echo "$1: accepted after $2" && failed=yes; }
    [[ $said == "$3" ]] || { echo "$1: said: $said; expected: $3" && failed=yes; }
}

expect features '' ''
expect registers '/\tSMMU_CR2\t/d' 'spec-tables: registers.tsv does not know SMMU_CR2'
expect registers 's/\(\tSMMU_S_AGBPA\t.*\t\)Secure/\1Gbpa/' \
    'spec-tables: registers.tsv: SMMU_S_AGBPA is named as tested, and is not there'
expect commands 's/\(\tCMD_SYNC\t\).*/\1absent/' \
    'spec-tables: commands.tsv: CMD_SYNC is there, and no test of it named'
expect commands 's/\(\tCMD_TLBI_SNH_ALL\t\).*/\1Tlb/' \
    'spec-tables: commands.tsv: CMD_TLBI_SNH_ALL is named as tested, and is not there'
expect events 's/\(\tF_UUT\t\).*/\1Secure/' \
    'spec-tables: events.tsv: F_UUT is there, and no test of it named'
expect structures 's/\(\tSTE\tS2POE\t.*\t\).*/\1absent/' \
    'spec-tables: structures.tsv: STE.S2POE is there, and no test of it named'
expect features 's/\(\tSMMUv3.0-PRI\t.*\t\).*/\1PriQueue NoSuchSuite/' \
    'spec-tables: no test is called NoSuchSuite'
expect features 's/\(\tSMMUv3.0-PRI\t.*\t\).*/\1PriQueue.NoSuchTest/' \
    'spec-tables: no test is called PriQueue.NoSuchTest'
expect features 's/\(\tSMMUv3.0-PRI\t.*\t\).*/\1AbsentIds\/NO_SUCH_ROW/' \
    'spec-tables: no test is called AbsentIds/NO_SUCH_ROW'
[[ -z $failed ]]
