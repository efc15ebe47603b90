#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# smmu-replay from the command line: exit statuses, and what it says about bad arguments.
set -euo pipefail

readonly program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$(dirname "${BASH_SOURCE[0]}")/../../component/replay/examples/stage1.csv" "$folder/good.csv"
sed 's/0x1292345678/0x1292345670/' "$folder/good.csv" >"$folder/other.csv"
sed 's/^txn,0x12345678/txn,12345678h/' "$folder/good.csv" >"$folder/bad.csv"
status=0

expect() { # STATUS WORDS ARGUMENT...
    local wanted=$1 words=$2 got=0 text
    shift 2
    text=$("$program" "$@" 2>&1) || got=$?
    [[ $got == "$wanted" && $text == *"$words"* ]] && return
    echo "smmu-replay $*: status $got, not $wanted, or without \"$words\": $text" >&2
    status=1
}

expect 0 'good.csv: no difference in 22 rows' "$folder/good.csv" -p sid_bits=7
expect 1 'other.csv: line 21: write of 0x12345678' "$folder/other.csv" --preset typical -p sid_bits=7
expect 2 'bad.csv: line 21, column addr: "12345678h" is no number' "$folder/bad.csv"
expect 2 'none.csv: cannot be read' "$folder/none.csv"
expect 2 'preset: there is none called "huge"' "$folder/good.csv" --preset huge
expect 2 'sid_bits: must be 0 to 32' "$folder/good.csv" -p sid_bits=40
expect 2 'sid_bit: is no parameter' "$folder/good.csv" -p sid_bit=4
expect 2 '-p needs a value' "$folder/good.csv" -p
expect 2 'there is no argument "-q"' -q
expect 2 'a log is needed'
expect 0 'no difference' "$folder/good.csv" -p sid_bits=7 --perfetto "$folder/line.json"
grep -q '"name":"ats"' "$folder/line.json" || { echo "line.json has no ats" >&2; status=1; }
expect 2 'no/such/line.json: cannot be written' "$folder/good.csv" --perfetto "$folder/no/such/line.json"
expect 2 '--perfetto needs a value' "$folder/good.csv" --perfetto
exit $status
