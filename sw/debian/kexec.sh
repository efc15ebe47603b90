#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# packages: kexec-tools
# For `vp debian`: the kernel starts itself again, with no firmware in between (kexec), and has the disk behind
# the SMMU as before.
# shellcheck disable=SC2317 # `check` calls functions
# shellcheck source=sw/debian/lib.sh
. ./lib.sh

another_boot() {
    ! is "$(cat /proc/sys/kernel/random/boot_id)" "$(cat /var/lib/vp-kexec)" >/dev/null
}

if ! grep -qw vp.kexec /proc/cmdline; then
    check 'the disk is behind the SMMU' disk_is_behind_the_smmu
    cp /proc/sys/kernel/random/boot_id /var/lib/vp-kexec
    check 'the kernel is loaded' \
        kexec --load /vmlinuz --initrd=/initrd.img --reuse-cmdline --append=vp.kexec
    [ "$failed" = 0 ] || exit "$failed"
    systemctl kexec
    exit
fi
check 'this is another boot' another_boot
check 'the system is running and no unit has failed' nothing_has_failed
check 'the disk is behind the SMMU' disk_is_behind_the_smmu
check 'the kernel has nothing to complain about' kernel_is_content
exit "$failed"
