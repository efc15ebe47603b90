#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Experiments of docs/experiments with numbers that others have published: what its pages say of them.
# Usage: experiments.sh BUILD. Ends with status 3 without gnuplot or GNU parallel.
set -euo pipefail
build=$1
# shellcheck source=tests/platform/measured.sh
. "$(dirname "${BASH_SOURCE[0]}")/measured.sh"
needs gnuplot parallel

experiment() ( # NAME
    caller=$PWD test_log=/dev/null jobs=2
    export caller test_log jobs
    # shellcheck source=scripts/common.sh
    . "$root/scripts/common.sh"
    # shellcheck source=scripts/report.sh
    . "$root/scripts/report.sh"
    # shellcheck source=scripts/sweep_slurm.sh
    . "$root/scripts/sweep_slurm.sh"
    # shellcheck source=scripts/sweep_page.sh
    . "$root/scripts/sweep_page.sh"
    # shellcheck source=scripts/sweep.sh
    . "$root/scripts/sweep.sh"
    sweep_make "$root/docs/experiments/$1.toml" "$scratch/$1" local 2 >"$scratch/log" 2>&1
)

# The page of an experiment shows one of its plots. Another gnuplot may draw it in another way.
shown() { # NAME
    local plot page=$root/docs/experiments/$1.svg
    for plot in "$scratch/$1"/plots/*.svg; do
        ! cmp -s "$page" "$plot" || return 0
    done
    [[ $(grep GNUPLOT "$page") != "$(grep GNUPLOT "$plot")" ]]
}

# Columns of the rows of a table that CONDITION, of awk, is true of; v(NAME) is a cell.
rows() { # EXPERIMENT TABLE CONDITION COLUMN
    awk -F , -v column="$4" "
        function v(name) { return \$at[name] }
        NR == 1 { for (i = 1; i <= NF; i++) at[\$i] = i; next }
        $3 { print v(column) }" "$scratch/$1/$2.csv"
}

experiment gem5-parity || wrong "gem5-parity: $(cat "$scratch/log")"
shown gem5-parity || wrong "gem5-parity: its page has a plot that does not come out"
# Cycles of a nanosecond, and reads of memory of 52, that of the data among them.
while read -r workload cycles reads; do
    shown=$(rows gem5-parity totals "v(\"point.workload\") == \"$workload\" && v(\"scope\") == \"smmu\"" min_ps)
    [[ $shown == $((cycles * 1000 + reads * 52000)) ]] ||
        wrong "$workload takes $shown ps, not $cycles cycles and $reads reads"
done <<'ROWS'
micro_tlb 3 1
main_tlb 6 1
one_read 32 2
four_reads 46 5
ROWS

experiment cmd-sync || wrong "cmd-sync: $(cat "$scratch/log")"
shown cmd-sync || wrong "cmd-sync: its page has a plot that does not come out"
within() { # NAME CONDITION LEAST MOST
    local shown
    shown=$(rows cmd-sync summary "$2" guest.submission-ps)
    ((shown >= $3 && shown <= $4)) || wrong "$1 takes $shown ps, not $3 to $4"
}
near='v("point.memory_ns") == 110'
far='v("point.memory_ns") == 260'
alone='v("point.invalidate") == 0'
pairs='v("point.invalidate") == 1'
within 'CMD_SYNC near' "$near && $alone && v(\"point.submitters\") == 128" 235000 255000
within 'CMD_SYNC far' "$far && $alone && v(\"point.submitters\") == 1" 530000 560000
within 'that of many' "$far && $alone && v(\"point.submitters\") == 128" 530000 560000
within 'TLBI and CMD_SYNC' "$near && $pairs && v(\"point.submitters\") == 128" 333000 500000
within 'that of few' "$near && $pairs && v(\"point.submitters\") == 4" 333000 500000

experiment window || wrong "window: $(cat "$scratch/log")"
shown window || wrong "window: its page has a plot that does not come out"
small='v("point.read_bytes") == 64 && v("point.page_bytes") =='
bandwidth() { # WINDOW PAGES
    rows window summary "$small \"$2\" && v(\"point.window_bytes\") == \"$1\"" traffic_MBps
}
((100 * $(bandwidth 256K 4K) > 98 * $(bandwidth 64K 4K))) || wrong "64 pages do not fit 64 entries"
((100 * $(bandwidth 512K 4K) < 80 * $(bandwidth 256K 4K))) || wrong "there is no knee at 64 pages"
((100 * $(bandwidth 64M 2M) > 98 * $(bandwidth 64K 2M))) || wrong "32 large pages do not fit 64 entries"
((100 * $(bandwidth 256M 2M) < 80 * $(bandwidth 64M 2M))) || wrong "there is no knee at 64 large pages"

experiment prefetch || wrong "prefetch: $(cat "$scratch/log")"
shown prefetch || wrong "prefetch: its page has a plot that does not come out"
hits() { # GAP
    rows prefetch summary "v(\"point.prefetch\") == \"on\" && v(\"point.gap_ns\") == $1" tlb_hit_rate
}
[[ $(hits 10) == 0 && $(hits 1000) == 0.5 ]] || wrong "prefetches hit $(hits 10) and $(hits 1000)"

# Awk compares: numbers have fractions.
holds() { # CONDITION WHAT
    awk "BEGIN { exit !($1) }" || wrong "$2: $1 is not so"
}

experiment remap || wrong "remap: $(cat "$scratch/log")"
shown remap || wrong "remap: its page has a plot that does not come out"
remapped() { # WORKLOAD KEPT BATCH CACHE COLUMN
    rows remap summary "v(\"point.workload\") == \"$1\" && v(\"point.tables_kept\") == \"$2\" &&
        v(\"point.batch\") == $3 && v(\"point.walk_cache\") == $4" "$5"
}
for batch in 1 4 16; do
    for cache in 4096 16; do
        holds "$(remapped contiguous yes $batch $cache reads_per_request) <= 1.06" "reads with Leaf"
    done
done
for point in 'contiguous no 1 4096' 'contiguous no 1 16' '1_GiB_apart no 16 4096' '2_MiB_apart yes 1 16'; do
    # shellcheck disable=SC2086 # words
    reads=$(remapped $point reads_per_request)
    holds "$reads >= 1.8 && $reads <= 4.36" "reads of $point"
done
for point in 'contiguous yes 1 4096' 'contiguous no 4 4096' 'contiguous no 1 4096'; do
    # shellcheck disable=SC2086 # words
    law=$(awk "BEGIN { print 65000 + 197000 * $(remapped $point reads_per_request) }")
    # shellcheck disable=SC2086
    holds "($(remapped $point mean_ps) / $law - 1) ^ 2 < 0.01 ^ 2" "time of $point"
done

experiment unmap || wrong "unmap: $(cat "$scratch/log")"
shown unmap || wrong "unmap: its page has a plot that does not come out"
unmapped() { # METHOD SIZE COLUMN
    rows unmap summary "v(\"point.method\") == \"$1\" && v(\"point.unmapped\") == \"$2\"" "guest.$3"
}
# Without the CMD_SYNC, 0.23 us.
for point in 'pages 2M' 'pages 32M' 'ranges 8M' 'ranges 32M'; do
    # shellcheck disable=SC2086 # words
    holds "($(unmapped $point invalidation-ps) - 230000) / $(unmapped $point commands) < 140000" "commands of $point"
done
[[ $(unmapped ranges 32M after-ps) == "$(unmapped ranges 32M before-ps)" ]] || wrong "ranges cost others"
holds "$(unmapped ASID 32M after-ps) > 2 * $(unmapped ASID 32M before-ps)" "misses after an ASID"

experiment tiles || wrong "tiles: $(cat "$scratch/log")"
shown tiles || wrong "tiles: its page has a plot that does not come out"
share() { # WORKLOAD MEMORY CACHED
    rows tiles summary "v(\"point.workload\") == \"$1\" && v(\"point.memory_ns\") == $2 &&
        v(\"point.tables_in_cache\") == \"$3\"" guest.translation-ppm
}
holds "$(share gemm 200 no) > 30000 && $(share gemm 200 no) < 60000" "share with fast memory"
holds "$(share gemm 1000 no) > 3 * $(share gemm 200 no)" "share with slow memory"
for memory in 200 600 1000; do
    holds "$(share gemm $memory no) > 10 * $(share gemm $memory yes)" "share with the cache"
    holds "$(share heat3d $memory no) > 700000" "share of heat3d"
done

experiment iotlb-wall || wrong "iotlb-wall: $(cat "$scratch/log")"
shown iotlb-wall || wrong "iotlb-wall: its page has a plot that does not come out"
rings() { # PAGES OUTSTANDING SIZE
    rows iotlb-wall summary "v(\"point.pages\") == $1 && v(\"point.outstanding\") == $2 &&
        v(\"point.page_bytes\") == \"$3\"" traffic_MBps
}
holds "$(rings 2048 2 4K) > 0.98 * $(rings 256 2 4K)" "what the TLB has"
holds "$(rings 8192 3 4K) > 0.98 * $(rings 256 3 4K)" "walks that are hidden"
holds "$(rings 8192 2 4K) < 0.85 * $(rings 256 2 4K)" "what it has not"
holds "$(rings 8192 2 2M) > 0.98 * $(rings 256 2 2M)" "large pages"

experiment tenants || wrong "tenants: $(cat "$scratch/log")"
shown tenants || wrong "tenants: its page has a plot that does not come out"
packets() { # WORKLOAD TENANTS RINGS COLUMN
    rows tenants summary "v(\"point.workload\") == \"$1\" && v(\"point.tenants\") == $2 &&
        v(\"point.rings\") == $3" "guest.$4"
}
# A translation is 900 ns on the link and 24 reads of 50 ns, and there are two for each packet.
walk="($(packets uncached 16 1 packet-ps) - $(packets uncached 1 1 packet-ps)) / 2"
holds "$walk > 2050000 && $walk < 2200000" "a translation without caches"
# In the SMMU: reads of 52 ns, and an STE and a CD that are looked up in 1 ns each.
asked() { # COLUMN
    rows tenants totals "v(\"scope\") == \"ats_smmu\" && v(\"point.workload\") == \"uncached\" &&
        v(\"point.tenants\") == 16 && v(\"point.rings\") == 1" "$1"
}
holds "$(asked min_ps) == 24 * 52000 + 2 * 1000" "a translation in the SMMU"
holds "$(asked reads_per_request) >= 24 && $(asked reads_per_request) < 24.2" "its reads"
holds "$(packets uncached 16 1 Mbps) > 1900 && $(packets uncached 16 1 Mbps) < 2000" "packets without caches"
holds "$(packets 1542_bytes 16 1 Mbps) < 0.7 * $(packets 1542_bytes 8 1 Mbps)" "tenants beyond the cache"
holds "$(packets 8192_bytes 1 16 Mbps) > 3 * $(packets 1542_bytes 1 16 Mbps)" "large packets"

exit $((failures != 0))
