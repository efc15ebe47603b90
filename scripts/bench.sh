# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp bench`: the benchmark program, then what a boot of Linux takes. Sourced; needs common.sh and
# linux.sh.
# shellcheck disable=SC2154 # build

readonly bench_boots=3 # of each simulator, in turn; the median counts
readonly bench_limit=300 # seconds of host time for a boot on QEMU
readonly linux_benchmarks=(linux.boot.seconds linux.boot.vs_qemu)

# The median of an odd number of arguments.
median() { # NUMBER...
    printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

# Sets `seconds` to the host time that a boot takes; the guest has to be content.
bench_boot() { # DIR COMMAND...
    local program_status reason start
    start=$EPOCHREALTIME
    linux_run "$@" >/dev/null
    seconds=$(awk "BEGIN { printf \"%.2f\", $EPOCHREALTIME - $start }")
    reason=$(linux_verdict "$1" "$program_status") ||
        fail "bench: $reason; the console is in $1/console.log"
}

# Boots of the same kernel and initramfs on the platform and, if it is there, on QEMU.
bench_linux() {
    local kernel initrd seconds i ours=() theirs=() qemu
    linux_software bookworm "$root/sw/linux/check.sh"
    qemu=$(command -v qemu-system-aarch64) || say "no qemu-system-aarch64 to compare a boot with"
    for ((i = 0; i < bench_boots; i++)); do
        bench_boot "$linux_dir/bench" "$build/release/smmu-vp" \
            --dtb "$build/release/platform/virt.dtb" --max-time "$linux_seconds" \
            --kernel "$kernel" --initrd "$initrd" --append "$linux_command_line"
        ours+=("$seconds")
        [[ -n $qemu ]] || continue
        bench_boot "$linux_dir/bench-qemu" timeout "$bench_limit" \
            "$qemu" -M virt,gic-version=3,iommu=smmuv3 -cpu cortex-a57 -m 1G \
            -nodefaults -display none -serial stdio -no-reboot \
            -kernel "$kernel" -initrd "$initrd" -append "$linux_command_line"
        theirs+=("$seconds")
    done
    echo "bench linux.boot.seconds $(median "${ours[@]}") s"
    [[ -z $qemu ]] || awk -v ours="$(median "${ours[@]}")" -v theirs="$(median "${theirs[@]}")" \
        'BEGIN { printf "ratio linux.boot.vs_qemu %.2f\n", ours / theirs }'
}

cmd_bench() {
    local filter=${1:-.} program=$build/release/tests/bench/smmu_bench names
    [[ $# -le 1 && ${1:-} != -* ]] || refuse "bench takes one regular expression, got \"$*\""
    need "${build_packages[@]}" "${linux_packages[@]}"
    build_preset release smmu_bench smmu-vp virt_dtb
    # The program takes having listed only for having failed.
    names=$(
        "$program" --benchmark_list_tests || true
        printf '%s\n' "${linux_benchmarks[@]}"
    )
    names=$(grep -E -- "$filter" <<<"$names" 2>/dev/null) ||
        refuse "bench: no benchmark matches \"$filter\""
    ! grep -qv '^linux\.' <<<"$names" || "$program" --benchmark_filter="$filter"
    if [[ $names == *linux.* ]] && (debian_fetch bookworm); then
        bench_linux
    fi
}
