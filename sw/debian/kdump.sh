#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# packages: kexec-tools
# append: crashkernel=320M
# For `vp debian`: the kernel crashes with the SMMU at work; another kernel, which has waited in memory, takes
# over the machine, with the disk behind the SMMU, and saves what the memory of the first one has. After a
# restart that is read.
# shellcheck disable=SC2317 # `check` calls functions
# shellcheck source=sw/debian/lib.sh
. ./lib.sh

readonly dump=/var/crash/dump

dump_has() { # PATTERN, one that does not match itself: memory has the script too
    ls -l "$dump"
    grep -a -m 1 -o "$1" "$dump"
}

if [ -e /proc/vmcore ]; then # the kernel after the crash
    check 'the disk is behind the SMMU' disk_is_behind_the_smmu
    mkdir -p /var/crash
    check 'memory is saved' cp --sparse=always /proc/vmcore "$dump.part"
    [ "$failed" = 0 ] || exit "$failed"
    mv "$dump.part" "$dump"
    systemctl reboot
    exit
elif [ -e "$dump" ]; then # the one after that
    check 'the dump has the last words of the kernel that crashed' dump_has 'sysrq: [T]rigger a crash'
    check 'the system is running and no unit has failed' nothing_has_failed
    check 'the disk is behind the SMMU' disk_is_behind_the_smmu
    exit "$failed"
fi
check 'the kernel for a crash is loaded' \
    kexec --load-panic /vmlinuz --initrd=/initrd.img --reuse-cmdline --append='reset_devices vp.crash'
check 'it waits' is "$(cat /sys/kernel/kexec_crash_loaded)" 1
[ "$failed" = 0 ] || exit "$failed"
sync
dd if=/dev/nvme0n1 of=/dev/null bs=1M count=512 iflag=direct status=none & # the SMMU is at work
echo c >/proc/sysrq-trigger
