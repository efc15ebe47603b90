# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# Suspends the system to memory (PSCI SYSTEM_SUSPEND), and the alarm of the real-time clock wakes it.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

die() {
    echo "suspend: $*" >&2
    exit 1
}

rtc=/sys/class/rtc/rtc0
online() {
    grep -c ^processor /proc/cpuinfo
}

[ -e "$rtc/wakealarm" ] || die "the clock cannot wake anybody"
grep -q deep /sys/power/mem_sleep || die "firmware does not suspend the system"
echo deep >/sys/power/mem_sleep
before=$(cat "$rtc/since_epoch")
cpus=$(online)
echo +3 >"$rtc/wakealarm"
echo mem >/sys/power/state
after=$(cat "$rtc/since_epoch")
echo "suspend: the clock went from $before to $after"
[ $((after - before)) -ge 2 ] || die "it was not asleep"
[ "$(online)" = "$cpus" ] || die "$(online) CPUs are left of $cpus"
[ "$(cat /sys/power/suspend_stats/success)" = 1 ] || die "the kernel counts no success"
echo one | md5sum | grep -q 5bbf5a52328e7439ae6e719dfe712200 || die "programs do not compute as before"
kernel_never_said "$complaints|$smmu_event"
