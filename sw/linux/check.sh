# shellcheck shell=dash
# shellcheck disable=SC2317 # functions are called by their names
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# Does the kernel see the machine it was given, does the SMMU's driver work, do programs compute what
# they should? Runs on any machine with an SMMUv3. Prints TAP; the status is the number of checks that
# failed.

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

checks=0
failures=0

# Runs FUNCTION. What it prints is a remark on its success or the reason of its failure.
check() { # NAME FUNCTION
    checks=$((checks + 1))
    if remark=$("$2" 2>&1); then
        echo "ok $checks - $1${remark:+ ($remark)}"
    else
        echo "not ok $checks - $1: $remark"
        failures=$((failures + 1))
    fi
}

same() { # GOT EXPECTED WHAT
    [ "$1" = "$2" ] && return
    echo "$3: $1 instead of $2"
    return 1
}

count() { # prints how many lines there are
    wc -l
}

# --- the machine ---------------------------------------------------------------------------------

cpus_of_firmware() {
    if by_acpi; then
        acpi_structures APIC 44 1 11
    else
        find "$device_tree/cpus" -name "cpu@*" | count
    fi
}

cpus() {
    online=$(grep -c ^processor /proc/cpuinfo)
    wanted=$(asked vp.cpus)
    same "$online" "$(cpus_of_firmware)" "CPUs, by what firmware says" &&
        same "$online" "${wanted:-$online}" "CPUs, by what was asked for" &&
        echo "$online"
}

# By PPTT: data and instructions of level 1, and level 2 of the cluster. A device tree has none.
caches() {
    by_acpi || return 0
    cpu0=/sys/devices/system/cpu/cpu0
    levels=$(cat "$cpu0"/cache/index*/level | tr '\n' ' ')
    same "$levels" "1 1 2 " "levels of caches" &&
        same "$(cat "$cpu0"/cache/index2/shared_cpu_list)" "$(cat "$cpu0"/topology/cluster_cpus_list)" \
            "CPUs of the cache of level 2"
}

# The sizes in `reg` of the memory nodes, in KiB; addresses and sizes have two cells.
memory_of_tree() {
    total=0
    cells=$(cat "$device_tree"/memory@*/reg | hexdump -v -e '16/1 "%02x" "\n"')
    for size in $(echo "$cells" | cut -c 17-); do
        total=$((total + 0x$size / 1024))
    done
    echo "$total"
}

# The size of the largest piece of memory, in KiB. What firmware keeps of it counts too; flash that the
# map of UEFI has as well is smaller.
memory_of_map() {
    sed -nE 's/^([0-9a-f]+)-([0-9a-f]+) : (System RAM|reserved)$/\1 \2/p' /proc/iomem | {
        end=0
        size=0
        while read -r first last; do
            if [ "$((0x$first))" -ne "$end" ]; then
                echo "$size"
                size=0
            fi
            end=$((0x$last + 1))
            size=$((size + (end - 0x$first) / 1024))
        done
        echo "$size"
    } | sort -n | tail -n 1
}

memory_of_kernel() {
    if by_acpi; then
        memory_of_map
    else
        dmesg | sed -n 's,.*Memory: [0-9]*K/\([0-9]*\)K available.*,\1,p'
    fi
}

memory() {
    total=$(memory_of_kernel)
    wanted=$(asked vp.mem)
    by_acpi || same "$total" "$(memory_of_tree)" "KiB of memory, by the device tree" || return
    same "$total" "${wanted:-$total}" "KiB of memory, by what was asked for" &&
        echo "$((total / 1024)) MiB"
}

every_cpu_runs() {
    pids=
    for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
        # shellcheck disable=SC2016 # $0 is for the inner shell
        taskset -c "${cpu##*cpu}" sh -c 'seq 2000 | md5sum >/tmp/md5.$0' "${cpu##*cpu}" &
        pids="$pids $!"
    done
    # shellcheck disable=SC2086 # a list
    wait $pids
    same "$(cat /tmp/md5.* | sort -u)" "ea4d0a24dabcaa11f9aa979b872d162b  -" "sum of all CPUs" &&
        same "$(cat /tmp/md5.* | count)" "$(grep -c ^processor /proc/cpuinfo)" "CPUs that ran"
}

timer_interrupts() {
    grep arch_timer /proc/interrupts | awk '
        { for (i = 2; $i ~ /^[0-9]+$/; i++) sum[i] += $i }
        END { for (i in sum) if (sum[i] == 0) { print "CPU " i - 2 " has none"; exit 1 } }'
}

# --- the SMMU ------------------------------------------------------------------------------------

driver_probed() {
    lines=$(dmesg | grep -E 'arm-smmu-v3 .*: (ias [0-9]+-bit, )?oas [0-9]+-bit')
    [ -n "$lines" ] &&
        same "$(echo "$lines" | count)" "$(count_smmus)" "SMMUs" &&
        echo "$lines" | sed 's/.*arm-smmu-v3 //' | tr '\n' ' ' | sed 's/ $//'
}

driver_interrupts() {
    smmus=$(count_smmus)
    same "$(grep -cE 'arm-smmu-v3-(evtq|combined-irq)' /proc/interrupts)" "$smmus" "event queues" &&
        same "$(grep -cE 'arm-smmu-v3-(gerror|combined-irq)' /proc/interrupts)" "$smmus" "errors"
}

# Whether the DMA of PCI functions goes through an SMMU.
pci_is_translated() {
    if by_acpi; then
        [ "$(count_smmus)" -gt 0 ]
    else
        [ -n "$(find "$device_tree"/ -name iommu-map)" ]
    fi
}

# Devices that have a driver and whose DMA goes through an SMMU, by what firmware says.
translated_devices() {
    for device in /sys/bus/platform/devices/* /sys/bus/pci/devices/*; do
        [ -e "$device/driver" ] || continue
        case $device in
        */pci/*) ! pci_is_translated || echo "$device" ;;
        *) [ ! -e "$device/of_node/iommus" ] || echo "$device" ;;
        esac
    done
}

iommu_groups() {
    for device in $(translated_devices); do
        [ -e "$device/iommu_group" ] || {
            echo "${device##*/} is in none"
            return 1
        }
    done
    find /sys/kernel/iommu_groups/ -mindepth 1 -maxdepth 1 | count
}

# --- programs ------------------------------------------------------------------------------------

integers() {
    numbers=f6351f5ead9a700e34275480b3856ea738122a7c57bdeb744a631251c069587a
    mersenne=31cc93ea204e2ec0e4eafcaa7320a8b5
    same "$(seq 20000 | sha256sum)" "$numbers  -" "sha256sum" &&
        same "$(echo '2^1279 - 1' | bc | tr -d '\\\n' | md5sum)" "$mersenne  -" "2^1279 - 1"
}

# Sums, products and quotients whose last bit depends on every rounding on the way; halves down to
# the smallest denormal.
floating_point() {
    zeta=1.6444341918273961
    alternating=0.69289724305994027
    same "$(awk 'BEGIN {
        for (i = 1; i <= 2000; i++) { zeta += 1 / (i * i); alternating += (i % 2 ? 1 : -1) / i }
        for (root = i = 1; i < 8; i++) root = (root + 2 / root) / 2
        for (e = term = i = 1; i < 20; i++) e += term /= i
        for (tiny = 1; tiny / 2 > 0; tiny /= 2) halvings++
        printf "%.17g %.17g %.17g %.17g %g %d %d",
            zeta, alternating, root, e, tiny, halvings, 1e9 / 7 }')" \
        "$zeta $alternating 1.4142135623730949 2.7182818284590455 4.94066e-324 1074 142857142" \
        "awk says"
}

# A copy of the program that runs is as good as the original.
files() {
    mkdir /tmp/copy &&
        cp /bin/busybox /tmp/copy/ &&
        cmp /bin/busybox /tmp/copy/busybox &&
        same "$(/tmp/copy/busybox echo alive)" alive "the copy says" &&
        rm -r /tmp/copy
}

pipes() {
    same "$(yes 0123456789abcde | head -c 1000000 | tr -d '\n' | wc -c)" 937500 "bytes through"
}

status_of() { # COMMAND...
    "$@" 2>/dev/null
    echo $?
}

signals() {
    same "$(sh -c 'trap "printf x" USR1; for i in 1 2 3; do kill -USR1 $$; done')" xxx "caught" &&
        same "$(status_of sh -c 'kill -SEGV $$')" 139 "status after SIGSEGV" &&
        same "$(status_of timeout 0.1 sleep 100)" 143 "status after a timeout"
}

# Many processes at once; the statuses of all of them arrive.
processes() {
    pids=
    for i in $(seq 100); do
        (exit "$((i % 10))") &
        pids="$pids $!"
    done
    sum=0
    for pid in $pids; do
        wait "$pid"
        sum=$((sum + $?))
    done
    same "$sum" 450 "sum of the statuses"
}

centiseconds_up() {
    awk '{ print int($1 * 100 + 0.5) }' /proc/uptime
}

# No longer than 10 s even on a busy host, and no shorter than asked for.
sleeping() {
    before=$(centiseconds_up)
    sleep 0.1
    slept=$(($(centiseconds_up) - before))
    echo "$slept hundredths of a second"
    [ "$slept" -ge 9 ] && [ "$slept" -lt 1000 ]
}

kernel_is_content() {
    kernel_never_said "$complaints|$smmu_event"
}

check "CPUs" cpus
check "memory" memory
check "every CPU runs programs" every_cpu_runs
check "every CPU has timer interrupts" timer_interrupts
check "the driver found the SMMU" driver_probed
check "the driver has the SMMU's interrupts" driver_interrupts
check "devices are in IOMMU groups" iommu_groups
check "integers" integers
check "floating point" floating_point
check "files" files
check "pipes" pipes
check "signals" signals
check "processes" processes
check "sleep" sleeping
check "caches of two levels, by ACPI" caches
check "the kernel has nothing to complain about" kernel_is_content
echo "1..$checks"
exit $failures
