#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The pages of `vp sweep` and `vp report` in a browser without a network: nothing is fetched, nothing is cut
# off, and what plots show, read back from where their points and bars are, is what the tables say.
# Usage: browser.sh BUILD. Ends with status 3 without gnuplot, GNU parallel or chromium.
set -euo pipefail
build=$1
# shellcheck source=tests/platform/measured.sh
. "$(dirname "${BASH_SOURCE[0]}")/measured.sh"
needs gnuplot parallel chromium
# shellcheck source=tests/platform/small_sweep.sh
. "$root/tests/platform/small_sweep.sh"

# What a browser shows of PAGE, as read_plots.js says it, in $scratch/shown.
show() { # PAGE
    {
        cat "$1"
        echo '<script>'
        cat "$root/tests/platform/read_plots.js"
        echo '</script>'
    } >"$scratch/read.html"
    HOME=$scratch timeout 300 chromium --headless --no-sandbox --disable-gpu --window-size=1100,2000 \
        --disable-background-networking --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr \
        --virtual-time-budget=10000 --dump-dom "file://$scratch/read.html" >"$scratch/dom" 2>"$scratch/messages" ||
        wrong "the browser fails: $(tail -n 1 "$scratch/messages")"
    sed -n '/<pre id="shown">/,/<\/pre>/p' "$scratch/dom" >"$scratch/shown"
    ! grep -q 'CONSOLE' "$scratch/messages" || wrong "it complains: $(grep -m 1 CONSOLE "$scratch/messages")"
    grep -qx 'fetched 0' "$scratch/shown" || wrong "$1 needs more than itself"
    grep -qx 'broken 0' "$scratch/shown" || wrong "$1 is not well formed"
    grep -qx 'wide 0' "$scratch/shown" || wrong "$1 is wider than the window"
    [[ $(grep -c '^plot ' "$scratch/shown") == $(grep -c '<svg' "$1") ]] || wrong "not all plots of $1 are shown"
    ! grep -qvE '^plot [^ ]+ [1-9][0-9]{2,} 0$' <(grep '^plot ' "$scratch/shown") ||
        wrong "plots of $1 are small, or have text outside: $(grep '^plot ' "$scratch/shown")"
}

# The marks or bars of a plot are these numbers, to a hundredth of the largest.
shows() { # mark|bar ID NUMBER...
    awk -v what="$1" -v id="$2" -v numbers="${*:3}" '
        BEGIN {
            n = split(numbers, expected, " ")
            for (i = 1; i <= n; i++) if (expected[i] > most) most = expected[i]
        }
        $1 == what && $2 == id { off = $3 - expected[++count]; if (off * off > most * most / 1e4) exit 1 }
        END { exit !(n > 0 && count == n) }' "$scratch/shown" ||
        wrong "$2 shows $(awk -v what="$1" -v id="$2" '$1 == what && $2 == id { print $3 }' "$scratch/shown" |
            tr '\n' ' '), not ${*:3}"
}

# The bars of a plot have this sum, to a hundredth.
adds_up_to() { # ID NUMBER
    awk -v id="$1" -v expected="$2" '
        $1 == "bar" && $2 == id { sum += $3 }
        END { exit !(sum > expected * 0.99 && sum < expected * 1.01) }' "$scratch/shown" ||
        wrong "the bars of $1 do not add up to $2"
}

# The mean of a column in the rows of two points of the whole SMMU, divided.
mean() { # TABLE COLUMN DIVISOR POINT POINT
    awk -F , -v column="$2" -v divisor="$3" -v a="$4" -v b="$5" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        ($1 == a || $1 == b) && (!("scope" in at) || $at["scope"] == "smmu") { sum += $at[column]; n++ }
        END { printf "%.9g\n", sum / n / divisor }' "$scratch/through/$1.csv"
}

# The same of each pair of seeds: of one walk, then of eight; with 16 entries, then with 256.
means() { # TABLE COLUMN DIVISOR
    mean "$@" 1 2
    mean "$@" 5 6
    mean "$@" 3 4
    mean "$@" 7 8
}

# The pairs in the order of points.
in_order() { # NUMBER NUMBER NUMBER NUMBER
    echo "$1 $3 $2 $4"
}

sweep "$scratch/small.toml" "$scratch/through" >"$scratch/log" || wrong "it fails: $(cat "$scratch/log")"
show "$scratch/through/report.html"
# shellcheck disable=SC2046 # lists of numbers
{
    for column in traffic_MBps tbu_tlb_hit_rate utlb_hit_rate reads_per_request; do
        shows mark "$column-entries" $(means summary "$column" 1)
    done
    for column in mean_ps p50_ps p99_ps; do
        shows mark "$column-entries" $(means summary "$column" 1000)
    done
    shows mark load $(in_order $(means summary mean_ps 1000)) $(in_order $(means summary p99_ps 1000))
    shows mark percentiles $(for points in '1 2' '3 4' '5 6' '7 8'; do
        for column in p50_ps p90_ps p99_ps p99.9_ps p99.99_ps; do
            # shellcheck disable=SC2086 # two numbers
            mean totals "$column" 1000 $points
        done
    done)
}
adds_up_to breakdown "$(means summary mean_ps 1000 | awk '{ sum += $1 } END { print sum }')"

# Two of its points as a report.
(
    caller=$scratch
    # shellcheck source=scripts/common.sh
    . "$root/scripts/common.sh"
    # shellcheck source=scripts/report.sh
    . "$root/scripts/report.sh"
    report_make "$scratch/page.html" "$scratch/through/runs/1" "$scratch/through/runs/8"
)
show "$scratch/page.html"
# shellcheck disable=SC2046 # lists of numbers
{
    shows bar percentiles $(for point in 1 8; do
        for column in p50_ps p90_ps p99_ps p99.9_ps p99.99_ps; do
            mean totals "$column" 1000 "$point" "$point"
        done
    done)
    adds_up_to breakdown "$(for point in 1 8; do
        mean totals mean_ps 1000 "$point" "$point"
    done | awk '{ sum += $1 } END { print sum }')"
}
for id in load hits occupancy-1 occupancy-2; do
    grep -q "^plot $id " "$scratch/shown" || wrong "no plot $id"
done

exit $((failures != 0))
