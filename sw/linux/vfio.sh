# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh vfio_dma.c vfio_ring.h vfio_function.h dma_function.h
# Gives the first DMA function to VFIO and runs a program on it. Where that took a mapping away, the
# kernel has to report the event. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

device=$(grep -l PCI_ID=1234:5032 /sys/bus/pci/devices/*/uevent | head -n 1 | cut -d / -f 6)
unmapped=0x123450000 # by vfio_dma

modprobe vfio_iommu_type1
modprobe vfio-pci
bind "$device" vfio-pci
group=$(basename "$(readlink -f "/sys/bus/pci/devices/$device/iommu_group")")
echo "vfio: $device is in group $group"

events=$(dmesg | grep -c "$smmu_event") || true
vfio_dma "$group" "$device"

translation_fault "$(requester_id "$device")" "$unmapped"
[ "$(dmesg | grep -c "$smmu_event")" = $((events + 1)) ]
kernel_never_said "$complaints"
echo "vfio: the kernel reports the event and lives on"
