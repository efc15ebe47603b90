#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# The first process of the virtual machine of kvm.sh, in an initramfs with the modules of NVMe. It reads a
# megabyte from the disk and writes another one, has the controller read where the machine has no memory, says on
# its console what it saw, and powers off.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

say() { # NAME VALUE
    echo "kvm: $1 $2"
}

megabyte() { # [ARGUMENT OF dd...]
    dd bs=1048576 count=1 "$@" 2>/dev/null
}

register() { # OFFSET [VALUE]
    devmem $((bar + $1)) 32 ${2:+"$2"}
}

# Without its driver, the controller is told to fetch a command from ADDRESS. Prints its status.
fetch_from() { # ADDRESS
    echo "$device" >"/sys/bus/pci/devices/$device/driver/unbind"
    bar=$(head -n 1 "/sys/bus/pci/devices/$device/resource" | cut -d ' ' -f 1)
    echo 1 >"/sys/bus/pci/devices/$device/enable"
    printf '\006' | dd of="/sys/bus/pci/devices/$device/config" bs=1 seek=4 conv=notrunc 2>/dev/null # bus master
    register 0x14 0          # CC
    register 0x24 0x000f000f # AQA
    register 0x28 "$1"       # ASQ
    register 0x2c 0
    register 0x30 "$1" # ACQ
    register 0x34 0
    register 0x14 0x00460001
    register 0x1000 1 # doorbell of the admin queue
    register 0x1c     # CSTS
}

for each in /modules/*; do
    insmod "$each"
done
tries=100
until [ -b /dev/nvme0n1 ] || [ "$tries" = 0 ]; do
    sleep 0.1
    tries=$((tries - 1))
done
device=$(basename "$(readlink -f /sys/class/nvme/nvme0/device)")
say disk "$(cat /sys/class/block/nvme0n1/size)"
megabyte if=/dev/nvme0n1 of=/read
say read "$(sha256sum </read | cut -d ' ' -f 1)"
tr '\000-\377' '\001-\377\000' </read | megabyte of=/dev/nvme0n1 seek=1 iflag=fullblock conv=fsync
say interrupts "$(awk '/nvme0q1$/ { print $3, $2 }' /proc/interrupts)"
say status "$(fetch_from "$(tr ' ' '\n' </proc/cmdline | sed -n 's/^kvm\.outside=//p')")"
poweroff -f
