#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# driver.sh SMMU_VP BUILD TEST SCRIPT FEATURES OPTION...: what Linux's drivers know of an SMMU and make of
# it. It has the FEATURES, words by the names below; what it unmaps goes from the TLBs by ranges; its
# counter groups count what the SMMU's own statistics and trace say, with StreamID filters too. SCRIPT is
# pmcg.sh, or perf.sh, which counts by perf.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
read -ra features <<<"$5"
readonly features

run_linux "$results" --trace smmu --script "$root/sw/linux/$4" "${@:6}"
readonly console=boot-1/console.log stats=boot-1/stats.txt trace=boot-1/trace.log

# --- features ------------------------------------------------------------------------------------

# Bits of the word that the driver prints, by the names that Linux's arm-smmu-v3.h has for them.
declare -rA bits=(
    [PRI]=4 [ATS]=5 [SEV]=6 [MSI]=7 [COHERENCY]=8 [TRANS_S1]=9 [TRANS_S2]=10 [STALLS]=11 [HYP]=12
    [RANGE_INV]=15 [ATTR_TYPES_OVR]=20 [HA]=21 [HD]=22 [S2FWB]=23 [BBML2]=24
)
word=$(sed -nE 's/.*arm-smmu-v3 9050000\.iommu: .*\(features (0x[0-9a-f]+)\).*/\1/p' "$console")
[[ -n $word ]] || fail "the driver says nothing of features"
for name in "${features[@]}"; do
    (((word >> bits[$name]) & 1)) || fail "the driver does not know of $name: features $word"
done

# --- invalidations -------------------------------------------------------------------------------

# The megabyte that vfio_dma takes away goes by one command, TLBI_NH_VA.
expect_line "$trace" ' invalidate, opcode 0x12, bytes of a range 0x100000$'

# --- counters ------------------------------------------------------------------------------------

readonly nvme=0x20 dma=0x8

# What the guest counted of EVENT, which is written as in pmcg.sh.
counted() { # EVENT
    sed -nE "s|^([0-9]+),,$1/.*|\\1|p" "$console"
}

# The sum of statistics of the SMMU.
stated() { # STATISTIC...
    local name
    for name; do
        sed -n "s/^iommu@9050000\\.$name //p" "$stats"
    done | awk '{ sum += $1 } END { print sum + 0 }'
}

# How often the SMMU let one of several things be observed about a stream.
traced() { # StreamID OBSERVATION...
    local names
    names=$(IFS='|' && echo "${*:2}")
    grep -cE " smmu: ($names), StreamID $1," "$trace" || true
}

# One unit more or less is one too many; what never happened proves nothing.
same() { # EVENT COUNT
    local got
    got=$(counted "$1")
    [[ $got == "$2" ]] || fail "the guest counted $1 ${got:-not at all}, the SMMU has $2"
    (($2 > 0)) || fail "$1: there was none"
}

readonly tbu=smmuv3_pmcg_90d1 tcu=smmuv3_pmcg_90d0
of_nvme=filter_enable=1,filter_stream_id=$((nvme))
of_dma=filter_enable=1,filter_stream_id=$((dma))
of_low=filter_enable=1,filter_span=1,filter_stream_id=7
same "$tbu/transaction" "$(stated translations)"
same "$tbu/tlb_miss" "$(stated requests)"
same "$tbu/config_cache_miss" "$(stated requests)"
same "$tbu/transaction,$of_nvme" "$(traced $nvme translate)"
same "$tbu/tlb_miss,$of_nvme" "$(traced $nvme request)"
same "$tbu/transaction,$of_dma" "$(traced $dma translate)"
same "$tbu/transaction,$of_low" "$(traced $dma translate)"
same "$tbu/tlb_miss,$of_low" "$(traced $dma request)"
same "$tcu/transaction" "$(stated requests)"
same "$tcu/tlb_miss" "$(stated tlb-misses)"
same "$tcu/trans_table_walk_access" "$(stated ttd-fetches ttd-updates)"
same "$tcu/config_struct_access" "$(stated l1-fetches ste-fetches cd-fetches)"
same "$tcu/trans_table_walk_access,$of_nvme" "$(traced $nvme ttd_fetch ttd_update)"
same "$tcu/config_struct_access,$of_dma" "$(traced $dma l1_fetch ste_fetch cd_fetch)"
say "the drivers know the SMMU, and count what it does: features $word"
