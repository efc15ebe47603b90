#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# The first process of the virtual machine of vsmmu.sh, which has an SMMU of its own and an NVMe controller. It
# reads a megabyte from the disk and writes another one, has the controller read what its SMMU does not map, says
# on its console what it saw, and powers off.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

readonly nowhere=0x76543000

say() { # NAME VALUE
    echo "vsmmu: $1 $2"
}

megabyte() { # [ARGUMENT OF dd...]
    dd bs=1048576 count=1 "$@" 2>/dev/null
}

# Without its driver, the controller is told to fetch a command. Prints its status.
fetch_from() { # ADDRESS
    unbind "$device"
    echo 1 >"/sys/bus/pci/devices/$device/enable"
    printf '\006' | dd of="/sys/bus/pci/devices/$device/config" bs=1 seek=4 conv=notrunc 2>/dev/null # bus master
    nvme_fetch "$device" "$1"
}

wait_for /dev/nvme0n1
device=$(basename "$(readlink -f /sys/class/nvme/nvme0/device)")
say smmu "$(dmesg | grep -c 'arm-smmu-v3 .* oas')"
say domain "$(cat "/sys/bus/pci/devices/$device/iommu_group/type")"
megabyte if=/dev/nvme0n1 of=/read
say read "$(sha256sum </read | cut -d ' ' -f 1)"
tr '\000-\377' '\001-\377\000' </read | megabyte of=/dev/nvme0n1 seek=1 iflag=fullblock conv=fsync
grep -qE ' [1-9][0-9]* .*ITS-PCI-MSIX.* nvme0q1$' /proc/interrupts
say messages "$?"
kernel_never_said "$complaints|$smmu_event"
say content "$?"
say status "$(fetch_from "$nowhere")"
if translation_fault "$(requester_id "$device")" "$nowhere"; then
    say fault reported
else
    kernel_never_said "$smmu_event" && say fault silent
fi
poweroff -f
