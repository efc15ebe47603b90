#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# edk2-boot.sh SMMU_VP BUILD TEST LOADER CODE: EDK2 starts Debian's kernel from the EFI system partition of
# an NVMe controller; the guest's checks pass. If LOADER is stub, the shell starts the kernel, by its EFI
# stub. If it is grub, a boot entry that was written in the shell and is kept over a restart starts Debian's
# GRUB, with nothing typed, and GRUB the kernel. If it is entry, such an entry starts the kernel, whose command
# line is the optional data of the entry.
set -euo pipefail

caller=$PWD # for linux.sh
# shellcheck source=tests/firmware/console.sh
. "$(dirname "$0")/console.sh"
readonly loader=$4 code=$5 caller
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"

installed "$code"
linux_software bookworm "$root/sw/linux/check.sh"
make_partitioned_disk disk.img 128
copy() { # FILE NAME
    mcopy -i "$partition" "$1" "::$2"
}
copy "$kernel" vmlinuz.efi
copy "$initrd" initrd
if [[ $loader == grub ]]; then
    debian_prepare bookworm=grub-efi-arm64-bin
    printf 'linux /vmlinuz.efi %s\ninitrd /initrd\nboot\n' "$linux_command_line" >grub.cfg
    mmd -i "$partition" ::EFI ::EFI/debian
    copy "$linux_dir"/bookworm=grub-efi-arm64-bin/root/lib/grub/arm64-efi/monolithic/grubaa64.efi \
        EFI/debian/
    copy grub.cfg EFI/debian/
fi
make_machine disk.img
printf '\377' >vars.fd # the rest of the bank is erased

# Adds a boot entry, and with OPTIONS its optional data. The shell takes quotes away but those behind a ^, and
# its bcfg does not take 0 for an index, but takes 0x0.
add_entry() { # FILE [OPTIONS]
    type_line "bcfg boot add 0 fs0:\\$1 \"smmu-vp entry\""
    await 'Shell> '
    if (($# > 1)); then
        type_line "bcfg boot -opt 0x0 ^\"$2^\""
        await 'Shell> '
    fi
    type_line 'bcfg boot dump'
    await 'Desc *- smmu-vp entry'
    await "Optional- $( (($# > 1)) && echo Y || echo N)"
    await 'Shell> '
}

restart() {
    type_line 'reset'
    await_end 5
    start again.log --firmware "$code" --flash vars.fd
    await 'starting Boot.*smmu-vp entry'
}

start console.log --firmware "$code" --flash vars.fd
await 'Press .*ESC.* in 5 seconds'
type_keys $'\e'
await 'Shell> '
case $loader in
stub)
    type_line "fs0:\\vmlinuz.efi initrd=\\initrd $linux_command_line"
    await 'EFI stub: Booting Linux Kernel'
    ;;
grub)
    add_entry 'EFI\debian\grubaa64.efi'
    restart
    ;;
entry)
    add_entry vmlinuz.efi "initrd=\\initrd $linux_command_line"
    restart
    await 'EFI stub: Booting Linux Kernel'
    ;;
esac
await 'Linux version 6'
await 'ACPI: IORT 0x'
await 'ACPI: PPTT 0x'
await 'DMI: smmu-vp smmu-vp virt, BIOS '
await 'ok 5 - the driver found the SMMU'
await 'vp-linux: guest status 0'
await_end 0
say "EDK2 starts Linux from NVMe, by $loader"
