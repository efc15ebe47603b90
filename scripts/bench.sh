# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp bench`: the benchmark program and its instructions, then what a boot of Linux takes, how fast it reads from
# NVMe, and what it takes it to map memory for a device. Sourced; needs common.sh, kernel.sh, linux.sh and
# bench_count.sh.
# shellcheck disable=SC2154 # build, root

readonly bench_boots=3 # of each simulator, in turn; the median counts
readonly bench_limit=300 # seconds of host time for a boot on QEMU
readonly linux_benchmarks=(linux.boot.seconds linux.boot.vs_qemu)
readonly nvme_benchmarks=(
    nvme.read.MBps nvme.write.MBps nvme.read4k.MBps nvme.read.vs_qemu nvme.read4k.vs_qemu
    nvme.simulated.loose nvme.simulated.approximate
)
readonly map_benchmarks=(dma_map.{map,unmap}.{1,2,4,8})
readonly net_benchmarks=(net.{receive,send}.{MBps,vs_qemu})
readonly bench_net_bytes=67108864 # that the guest gets in each round
# Of the machine that is approximately timed.
readonly bench_timed_bus='vp,timing = "approximate"; vp,bus-width = <16>; vp,bus-period-ps = <1000>;'
readonly bench_timed_smmu='vp,lookup-ps = <1000>; vp,link-ps = <8000>; vp,tlb-lookup-ps = <3000>;'
readonly bench_qemu=(
    timeout "$bench_limit" qemu-system-aarch64 -M "virt,gic-version=3,iommu=smmuv3" -cpu cortex-a57
    -m 1G -nodefaults -display none -serial stdio -no-reboot
)

# The median of an odd number of arguments.
median() { # NUMBER...
    printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

# The medians of two lists of numbers, divided.
bench_ratio() { # NAME OURS THEIRS
    # shellcheck disable=SC2086 # lists of words
    awk -v name="$1" -v ours="$(median $2)" -v theirs="$(median $3)" \
        'BEGIN { printf "ratio %s %.2f\n", name, ours / theirs }'
}

# Whether there is a QEMU to compare WHAT with.
bench_has_qemu() { # WHAT
    command -v qemu-system-aarch64 >/dev/null || {
        say "no qemu-system-aarch64 to compare $1 with"
        return 1
    }
}

# Runs a guest, which has to be content.
bench_guest() { # DIR COMMAND...
    local program_status reason
    linux_run "$@"
    reason=$(linux_verdict "$1" "$program_status") ||
        fail "bench: $reason; the console is in $1/console.log"
}

# --- booting -------------------------------------------------------------------------------------

# Sets `seconds` to the host time that a boot takes.
bench_boot() { # DIR COMMAND...
    local start=$EPOCHREALTIME
    bench_guest "$@" >/dev/null
    seconds=$(awk "BEGIN { printf \"%.2f\", $EPOCHREALTIME - $start }")
}

# Boots of the same kernel and initramfs on the platform and, if it is there, on QEMU.
bench_linux() {
    local kernel initrd seconds i ours=() theirs=() compare=''
    linux_software bookworm "$root/sw/linux/check.sh"
    ! bench_has_qemu "a boot" || compare=yes
    for ((i = 0; i < bench_boots; i++)); do
        bench_boot "$linux_dir/bench" "$build/release/smmu-vp" \
            --dtb "$build/release/platform/virt.dtb" --max-time "$linux_seconds" \
            --kernel "$kernel" --initrd "$initrd" --append "$linux_command_line"
        ours+=("$seconds")
        [[ -n $compare ]] || continue
        bench_boot "$linux_dir/bench-qemu" "${bench_qemu[@]}" \
            -kernel "$kernel" -initrd "$initrd" -append "$linux_command_line"
        theirs+=("$seconds")
    done
    echo "bench linux.boot.seconds $(median "${ours[@]}") s"
    [[ -z $compare ]] || bench_ratio linux.boot.vs_qemu "${ours[*]}" "${theirs[*]}"
}

# --- NVMe ----------------------------------------------------------------------------------------

# Keeps the lines of sw/linux/nvme_bench.c and net_bench.c, each with the host's time when it came.
bench_stamp() { # FILE
    local line
    while IFS= read -r line; do
        [[ $line != *-bench:\ * ]] || echo "$EPOCHREALTIME $line"
    done >"$1"
}

# Prints the speed of each timed part, in millions of bytes a second.
bench_speeds() { # STAMPS read|read4k|write|receive|send
    awk -v what="$2" '
        $3 == what && $4 == "begins" { begin = $1 }
        $3 == what && $4 == "ends" { printf "%.1f\n", $5 * 1.048576 / ($1 - begin) }' "$1"
}

# Prints how long the guest took for each timed part that reads, in seconds of its clock for one of the
# host's.
bench_paces() { # STAMPS
    awk '
        $3 == "read" && $4 == "begins" { begin = $1 }
        $3 == "read" && $4 == "ends" { printf "%.4f\n", $7 / 1e9 / ($1 - begin) }' "$1"
}

bench_disk() { # DIR COMMAND...
    mkdir -p "$1"
    bench_guest "$@" > >(bench_stamp "$1/stamps")
    wait "$!"
}

# Makes the device tree DTB: the default machine with a controller on the image, and what else its root
# and its SMMU have.
bench_disk_machine() { # IMAGE DTB [PROPERTIES [PROPERTIES]]
    dtc -q -I dts -O dtb -o "$2" - <<DTS
/dts-v1/;
/include/ "$root/platform/dts/virt.dts"
/ { ${3:-} };
&smmu { ${4:-} };
&pcie {
	nvme@1,0 {
		compatible = "vp,nvme";
		reg = <0x0800 0 0 0 0>;
		vp,backing-file = "$1";
	};
};
DTS
}

# One boot of the benchmark on the machine DTB; what it measured is in DIR/stamps.
bench_disk_boot() { # DIR DTB
    bench_disk "$1" "$build/release/smmu-vp" --dtb "$2" --max-time "$linux_seconds" \
        --kernel "$kernel" --initrd "$initrd" --append "$linux_command_line"
}

# The same kernel, initramfs and image on the platform in either coding style and, if it is there, on
# QEMU.
bench_nvme() {
    local kernel initrd i reads=() pages=() writes=() theirs=() their_pages=() loose=() approximate=()
    local compare=''
    local dir=$linux_dir/bench-nvme image=$linux_dir/bench-nvme.img dtb=$linux_dir/bench-nvme.dtb
    local timed=$linux_dir/bench-nvme-timed.dtb
    unused_image bench "$image"
    linux_software bookworm "$root/sw/linux/nvme-bench.sh"
    bench_disk_machine "$image" "$dtb"
    bench_disk_machine "$image" "$timed" "$bench_timed_bus" "$bench_timed_smmu"
    delete_image bench "$image"
    truncate -s 128M "$image"
    ! bench_has_qemu NVMe || compare=yes
    for ((i = 0; i < bench_boots; i++)); do
        bench_disk_boot "$dir" "$dtb"
        mapfile -t -O "${#reads[@]}" reads < <(bench_speeds "$dir/stamps" read)
        mapfile -t -O "${#pages[@]}" pages < <(bench_speeds "$dir/stamps" read4k)
        mapfile -t -O "${#writes[@]}" writes < <(bench_speeds "$dir/stamps" write)
        mapfile -t -O "${#loose[@]}" loose < <(bench_paces "$dir/stamps")
        bench_disk_boot "$dir" "$timed"
        mapfile -t -O "${#approximate[@]}" approximate < <(bench_paces "$dir/stamps")
        [[ -n $compare ]] || continue
        bench_disk "$dir-qemu" "${bench_qemu[@]}" \
            -drive "file=$image,if=none,format=raw,id=disk" -device nvme,drive=disk,serial=bench \
            -kernel "$kernel" -initrd "$initrd" -append "$linux_command_line"
        mapfile -t -O "${#theirs[@]}" theirs < <(bench_speeds "$dir-qemu/stamps" read)
        mapfile -t -O "${#their_pages[@]}" their_pages < <(bench_speeds "$dir-qemu/stamps" read4k)
    done
    rm "$image"
    echo "bench nvme.read.MBps $(median "${reads[@]}") MB/s"
    echo "bench nvme.write.MBps $(median "${writes[@]}") MB/s"
    echo "bench nvme.read4k.MBps $(median "${pages[@]}") MB/s"
    echo "bench nvme.simulated.loose $(median "${loose[@]}") s/s"
    echo "bench nvme.simulated.approximate $(median "${approximate[@]}") s/s"
    [[ -n $compare ]] || return 0
    bench_ratio nvme.read.vs_qemu "${reads[*]}" "${theirs[*]}"
    bench_ratio nvme.read4k.vs_qemu "${pages[*]}" "${their_pages[*]}"
}

# --- mappings ------------------------------------------------------------------------------------

# Prints what sw/linux/map_bench.c has measured, in a console.
bench_map_lines() { # CONSOLE
    sed -nE 's/^map-bench: threads ([0-9]+) map ([0-9]+) unmap ([0-9]+)$/\1 \2 \3/p' "$1" |
        while read -r threads map unmap; do
            echo "bench dma_map.map.$threads $map ns"
            echo "bench dma_map.unmap.$threads $unmap ns"
        done
}

# The kernel's own benchmark, on eight CPUs. Times are the guest's: one boot is as good as several.
bench_map() {
    local kernel initrd dir=$linux_dir/bench-map
    linux_software bookworm "$root/sw/linux/map-bench.sh"
    bench_guest "$dir" "$build/release/smmu-vp" --dtb "$build/release/platform/virt-pcie.dtb" \
        --cpus 8 --max-time "$linux_seconds" --kernel "$kernel" --initrd "$initrd" \
        --append "$linux_command_line" >/dev/null
    bench_map_lines "$dir/console.log"
}

# --- the network ---------------------------------------------------------------------------------

# Waits for a line of FILE that the expression of sed matches, 100 seconds at most; prints what it
# captures.
bench_await() { # FILE EXPRESSION
    local i found
    for ((i = 0; i < 1000; i++)); do
        found=$(sed -nE "s/$2/\\1/p" "$1" 2>/dev/null | tail -n 1) || true
        if [[ -n $found ]]; then
            echo "$found"
            return 0
        fi
        sleep 0.1
    done
    return 1
}

# The other end of sw/linux/net_bench.c: as long as the guest waits for it.
bench_net_peer() { # DIR
    local round sink source
    for round in 0 1 2; do
        bench_await "$1/stamps" "^.*(waiting) at port 7, round $round$" >/dev/null
        sink=$(bench_await "$1/ports" '^.*:7 is at port ([0-9]+)$')
        source=$(bench_await "$1/ports" '^.*:8 is at port ([0-9]+)$')
        head -c "$bench_net_bytes" /dev/zero >"/dev/tcp/127.0.0.1/$sink"
        bench_await "$1/stamps" "^.*(waiting) at port 8, round $round$" >/dev/null
        cat <"/dev/tcp/127.0.0.1/$source" >/dev/null
    done
}

# Runs a guest with sw/linux/net_bench.c; ports of the host that lead to it have to be in DIR/ports.
bench_net_boot() { # DIR COMMAND...
    local peer
    bench_net_peer "$1" &
    peer=$!
    bench_disk "$@"
    wait "$peer"
}

# Makes the monitor of a QEMU write the ports of its user network to DIR/ports, as smmu-vp does.
bench_qemu_ports() { # DIR
    rm -f "$1"/monitor.{in,out}
    mkfifo "$1"/monitor.{in,out}
    echo 'info usernet' >"$1/monitor.in" &
    sed -unE 's/.*HOST_FORWARD\] +[0-9]+ +[^ ]+ +([0-9]+) +[^ ]+ +([0-9]+) .*/qemu: tcp::0-:\2 is at port \1/p' \
        "$1/monitor.out" >"$1/ports" &
}

# The same kernel and initramfs on the platform and, if it is there, on QEMU, with the network of each.
bench_net() {
    local kernel initrd what ours compare='' dir=$linux_dir/bench-net
    local ports=user,hostfwd=tcp::0-:7,hostfwd=tcp::0-:8
    linux_software bookworm "$root/sw/linux/net-bench.sh"
    ! bench_has_qemu "the network" || compare=yes
    rm -rf "$dir" "$dir-qemu"
    mkdir -p "$dir" "$dir-qemu"
    bench_net_boot "$dir" "$build/release/smmu-vp" --dtb "$build/release/platform/virt.dtb" \
        --net "$ports" --max-time "$linux_seconds" \
        --kernel "$kernel" --initrd "$initrd" --append "$linux_command_line" 2>"$dir/ports"
    if [[ -n $compare ]]; then
        bench_qemu_ports "$dir-qemu"
        bench_net_boot "$dir-qemu" "${bench_qemu[@]}" -netdev "id=net,type=$ports" \
            -device virtio-net-pci,netdev=net,disable-legacy=on,iommu_platform=on,romfile= \
            -chardev "pipe,id=monitor,path=$dir-qemu/monitor" -mon chardev=monitor \
            -kernel "$kernel" -initrd "$initrd" -append "$linux_command_line"
    fi
    for what in receive send; do
        mapfile -t ours < <(bench_speeds "$dir/stamps" "$what")
        echo "bench net.$what.MBps $(median "${ours[@]}") MB/s"
        [[ -z $compare ]] || bench_ratio "net.$what.vs_qemu" "${ours[*]}" \
            "$(bench_speeds "$dir-qemu/stamps" "$what")"
    done
}

# --- the command ---------------------------------------------------------------------------------

# The names in the sources, before anything is built of them.
bench_names() {
    cat "$root"/tests/bench/*.cpp | tr -d '\n' | grep -oE 'RegisterBenchmark\( *"[^"]+"' |
        cut -d '"' -f 2
    bench_linux_names
}

# Those that boot Linux.
bench_linux_names() {
    printf '%s\n' "${linux_benchmarks[@]}" "${nvme_benchmarks[@]}" "${map_benchmarks[@]}" \
        "${net_benchmarks[@]}"
}

# Whether it is an extended regular expression of POSIX, as regcomp() of the C library has it.
bench_regex() { # EXPRESSION
    local status=0
    # shellcheck disable=SC2319 # what the condition ends with tells
    [[ '' =~ $1 ]] || status=$?
    ((status != 2))
}

# Prints those of the lines it reads that match.
bench_matching() { # EXPRESSION
    local name
    while IFS= read -r name; do
        [[ ! $name =~ $1 ]] || echo "$name"
    done
}

# Prints an expression that matches the lines it reads and no others, and that any grammar takes for
# the same: Google Benchmark has that of std::regex, and refuses what others take.
bench_exactly() {
    sed 's/[].*+?(){}|^$\[]/\\&/g' | paste -s -d '|' | sed 's/.*/^(&)$/'
}

cmd_bench() {
    local filter=${1:-.} program=$build/release/tests/bench/smmu_bench names ours counted
    [[ $# -le 1 && ${1:-} != -* ]] || refuse "bench takes one regular expression, got \"$*\""
    bench_regex "$filter" || refuse "bench: \"$filter\" is no regular expression"
    [[ -n $(bench_names | bench_matching "$filter") ]] ||
        refuse "bench: no benchmark matches \"$filter\""
    need "${build_packages[@]}" "${linux_packages[@]}" "${bench_packages[@]}"
    build_preset release smmu_bench smmu-vp virt_dtb
    # The program takes having listed only for having failed.
    names=$(
        "$program" --benchmark_list_tests || true
        bench_linux_names
    )
    names=$(bench_matching "$filter" <<<"$names")
    [[ -n $names ]] || refuse "bench: no benchmark matches \"$filter\""
    if [[ $names == *dma_map.* ]] && ! kernel_built; then
        say "dma_map.* is left out: ./vp kernel builds its kernel"
        names=$(grep -v '^dma_map\.' <<<"$names" || true)
    fi
    ours=$(grep -Ev '^(linux|nvme|dma_map|net)\.' <<<"$names" || true)
    if [[ -n $ours ]]; then
        "$program" --benchmark_filter="$(bench_exactly <<<"$ours")"
        mapfile -t counted < <(bench_counted <<<"$ours")
        bench_count "$program" "${counted[@]}"
    fi
    if [[ $names =~ (^|$'\n')(linux|nvme|dma_map|net)\. ]] && (debian_fetch bookworm); then
        [[ $names != *linux.* ]] || bench_linux
        [[ $names != *nvme.* ]] || bench_nvme
        [[ $names != *dma_map.* ]] || bench_map
        [[ $names != *net.* ]] || bench_net
    fi
}
