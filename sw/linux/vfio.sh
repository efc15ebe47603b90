# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: vfio_dma.c
# For `./vp linux --dts platform/dts/virt-pcie.dts --script`: gives the DMA function 00:01.0 to VFIO
# and runs a program on it. Where that took a mapping away, the kernel has to report the event.
# Ends at the first thing that is wrong.
set -eu

device=0000:00:01.0
stream=00000008            # its Requester ID
address=0x0000000123450000 # what vfio_dma unmaps

directory=/sys/bus/pci/devices/$device
modprobe vfio_iommu_type1
modprobe vfio-pci
echo vfio-pci >"$directory/driver_override"
echo "$device" >/sys/bus/pci/drivers_probe
group=$(basename "$(readlink -f "$directory/iommu_group")")
echo "vfio: $device is in group $group, of type $(cat "$directory/iommu_group/type")"

vfio_dma "$group" "$device"

# F_TRANSLATION in the record's first doubleword, with the StreamID; the address in its third.
events=$(dmesg | grep -A 4 'arm-smmu-v3.*event 0x')
echo "$events"
[ "$(echo "$events" | grep -c 'event 0x')" = 1 ]
echo "$events" | grep -q 'event 0x10 received'
echo "$events" | sed -n 2p | grep -q "0x${stream}00000010"
echo "$events" | sed -n 4p | grep -q "$address"
dmesg | grep -E 'WARNING:|BUG:|Oops|Call trace' && exit 1
echo "vfio: the kernel reports the event and lives on"
