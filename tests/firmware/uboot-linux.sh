#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# uboot-linux.sh SMMU_VP BUILD TEST COMMAND IMAGE: U-Boot loads Debian's kernel from NVMe and boots it by
# COMMAND, booti or bootefi; the guest's checks pass.
set -euo pipefail

caller=$PWD # for linux.sh
# shellcheck source=tests/firmware/console.sh
. "$(dirname "$0")/console.sh"
readonly command=$4 image=$5 caller
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"

installed "$image"
linux_software bookworm "$root/sw/linux/check.sh"
make_disk disk.img
mcopy -i disk.img "$kernel" ::vmlinuz
mcopy -i disk.img "$initrd" ::initrd
make_machine disk.img

start console.log --firmware "$image"
await 'Hit any key to stop autoboot'
type_keys ' '
await '=> '
type_line 'pci enum; nvme scan'
await '=> '
# shellcheck disable=SC2016 # variables of U-Boot
{
    type_line 'load nvme 0 ${kernel_addr_r} vmlinuz'
    await "$(stat -c %s "$kernel") bytes read"
    await '=> '
    type_line 'load nvme 0 ${ramdisk_addr_r} initrd'
    await "$(stat -c %s "$initrd") bytes read"
    await '=> '
    type_line "setenv bootargs $linux_command_line"
    await '=> '
    case $command in
    booti) type_line 'booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdtcontroladdr}' ;;
    bootefi)
        type_line 'setenv bootargs ${bootargs} initrd=initrd'
        await '=> '
        type_line 'load nvme 0 ${kernel_addr_r} vmlinuz; bootefi ${kernel_addr_r} ${fdtcontroladdr}'
        ;;
    esac
}
await 'Linux version 6'
await 'ok 5 - the driver found the SMMU'
await 'vp-linux: guest status 0'
await_end 0
say "U-Boot boots Linux from NVMe by $command"
