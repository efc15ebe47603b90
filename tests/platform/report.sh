#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The page of `vp report` about two runs: its numbers are those of the tables, read back from the plots.
# Usage: report.sh SMMU-VP BUILD. Ends with status 3 without gnuplot.
set -euo pipefail
program=$1
build=$2
# shellcheck source=tests/platform/measured.sh
. "$(dirname "${BASH_SOURCE[0]}")/measured.sh"
needs gnuplot

# Measures the machine with so many accesses outstanding.
measure() { # POINT OUTSTANDING
    local dtb=$scratch/$1.dtb
    cp "$build/platform/virt-traffic.dtb" "$dtb"
    fdtput -t s "$dtb" /iommu@9050000 vp,preset client
    fdtput -t x "$dtb" /memory@40000000 vp,latency-ns 32
    fdtput -t x "$dtb" / vp,bus-period-ps 3e8
    fdtput -t x "$dtb" /traffic@c020000 vp,outstanding "$2"
    "$program" --dtb "$dtb" --elf "$build/sw/traffic.elf" --max-time 5 --measure "$scratch/$1" >/dev/null
}

# A cell of the row of the whole SMMU in totals.csv.
cell() { # POINT COLUMN
    awk -F , -v column="$2" '
        /^#/ { next }
        !seen { seen = 1; for (i = 1; i <= NF; i++) at[$i] = i; next }
        $2 == "smmu" { print $at[column] }' "$scratch/$1/totals.csv"
}

# The plot with the name.
plot() { # ID
    sed -n "/<section id=\"$1\">/,/<\/section>/p" "$scratch/page.html"
}

measure one 1
measure eight 8
(
    caller=$scratch
    # shellcheck source=scripts/common.sh
    . "$root/scripts/common.sh"
    # shellcheck source=scripts/report.sh
    . "$root/scripts/report.sh"
    report_make "$scratch/page.html" "$scratch/one" "$scratch/eight"
)

# What docs/measurement.md shows, where it is said to be done.
(
    cd "$scratch"
    ln -s "$build" build
    run=$(sed -n 's/^build\/smmu-vp /build\/smmu-vp /p' "$root/docs/measurement.md")
    [[ -n $run ]] && eval "$run" >/dev/null && [[ -s results/totals.csv ]]
    grep -q '^\./vp report results$' "$root/docs/measurement.md" && "$root/vp" report results >/dev/null
    [[ -s results/report.html ]]
) || wrong "the example of docs/measurement.md does not work"

for id in totals load breakdown percentiles hits parts occupancy-1 occupancy-2 ports-1 ports-2; do
    [[ -n $(plot "$id") ]] || wrong "no section $id"
done
! grep -qE '(src|href)="(http|//)' "$scratch/page.html" || wrong "the page needs a network"

# Labels of the bars: five percentiles of the one point, then of the other.
expected=$(for point in one eight; do
    for column in p50_ps p90_ps p99_ps p99.9_ps p99.99_ps; do
        awk -v ps="$(cell "$point" "$column")" 'BEGIN { printf "%.4g\n", ps / 1000 }'
    done
done)
shown=$(plot percentiles | sed -nE 's/.*<text>([0-9.]+)<\/text>.*/\1/p' | tail -n 10)
[[ $shown == "$expected" ]] || wrong "percentiles are $shown, not $expected"

# Heights of the bars are in proportion to what they are labelled with.
plot percentiles | tr -d '\n' | grep -oE "<polygon fill[^>]*points = '[0-9., ]+'" |
    awk -v numbers="$(tr '\n' ' ' <<<"$expected")" '
        BEGIN { split(numbers, value, " ") }
        {
            match($0, /points = .*/); n = split(substr($0, RSTART + 10), pair, /[ ,\x27]+/)
            low = 1e9; high = -1
            for (i = 2; i <= n; i += 2) if (pair[i] != "") {
                if (pair[i] < low) low = pair[i]
                if (pair[i] > high) high = pair[i]
            }
            if (high > base) base = high
            top[++count] = low; bottom[count] = high
        }
        END {
            for (i = 1; i <= count; i++) {
                if (bottom[i] != base) continue # it is in the key
                scale = (base - top[i]) / value[++bars]
                if (bars == 1) first = scale
                if (scale / first > 1.02 || scale / first < 0.98) odd++
            }
            exit !(bars == 10 && !odd)
        }' || wrong "heights of bars are not those of percentiles"

# The point with more load is further right and higher.
(($(cell eight mean_ps | cut -d . -f 1) > $(cell one mean_ps | cut -d . -f 1))) ||
    wrong "eight outstanding are not slower than one"

# The parts of the page are the whole of the mean, to the thousandth of a nanosecond each.
for column in 2 3; do
    point=$([[ $column == 2 ]] && echo one || echo eight)
    plot parts | sed -nE 's/^<tr><td>([^<]+)<\/td><td>([^<]+)<\/td><td>([^<]+)<\/td><\/tr>.*/\1 \2 \3/p' |
        sed 's/<\/\?td>//g' | awk -v column="$column" -v mean="$(cell "$point" mean_ps)" '
            { sum += $column; rows++ }
            END { exit !(rows > 5 && sum * 1000 - mean < rows && mean - sum * 1000 < rows) }' ||
        wrong "the parts of $point are not its mean"
done

# Requests of ATS have rows of their own.
"$program" --dtb "$build/platform/virt-tenants.dtb" --elf "$build/sw/tenants.elf" --max-time 5 \
    --measure "$scratch/function" >/dev/null
(
    caller=$scratch
    # shellcheck source=scripts/common.sh
    . "$root/scripts/common.sh"
    # shellcheck source=scripts/report.sh
    . "$root/scripts/report.sh"
    report_make "$scratch/page.html" "$scratch/function"
)
[[ $(plot totals) == *'>ats_smmu all</td>'* ]] || wrong "requests of ATS are no row of the totals"
[[ $(plot parts) == *'<th>function:iommu@9050000:ats</th>'* ]] || wrong "they have no parts"
[[ $(plot breakdown) == *function:iommu@9050000:ats* ]] || wrong "they have no bar"

refused() { # REASON ARGUMENT...
    local status=0 output
    output=$("$root/vp" report "${@:2}" 2>&1) || status=$?
    [[ $status == 2 && $output == *"$1"* ]] || wrong "report ${*:2}: status $status: $output"
}
refused 'needs a directory'
refused 'unknown argument "--colour"' --colour
refused '--output needs a value' "$scratch/one" --output
refused 'is no directory' "$scratch/none"
mkdir "$scratch/empty"
refused 'has no totals.csv' "$scratch/empty"
cp -r "$scratch/one" "$scratch/other"
sed -i '1s/1/2/' "$scratch/other/parts.csv"
refused 'is no table of a measurement that this report knows' "$scratch/other"

exit $((failures != 0))
