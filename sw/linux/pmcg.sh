# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh smmu_stat.c vfio.sh
# For `./vp linux --script`: the kernel finds the counter groups of the SMMU, of its TCU and of the TBU of
# PCI Express, and perf, or if it is not here a program of our own, counts with them all that the SMMU does:
# reads of the NVMe disk, and what vfio.sh has the first DMA function do. No DMA comes before, nor after.
# Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

tcu=smmuv3_pmcg_90d0
tbu=smmuv3_pmcg_90d1

# A filter of events: those of one StreamID.
of_stream() { # SID
    echo "filter_enable=1,filter_stream_id=$1"
}

# Those of StreamIDs 0 to 15: the lowest bit that is 0, and all below, are not compared.
readonly low_streams=filter_enable=1,filter_span=1,filter_stream_id=7

pci_device() { # ID
    grep -l "PCI_ID=$1" /sys/bus/pci/devices/*/uevent | head -n 1 | cut -d / -f 6
}

nvme=$(pci_device 1234:5033)
dma=$(pci_device 1234:5032)

# What is counted.
if [ "${1:-}" = work ]; then
    modprobe nvme
    wait_for /dev/nvme0n1
    dd if=/dev/nvme0n1 of=/dev/null bs=65536 count=64 2>/dev/null
    unbind "$nvme"
    exec sh /bin/vfio.sh
fi

modprobe arm_smmuv3_pmu
for page in 90d0 90d1; do
    dmesg | grep -E "Registered PMU @ 0x0*${page}000 using 8 counters with Individual filter settings"
done
grep -E 'smmuv3-pmu' /proc/interrupts
sid_nvme=$(requester_id "$nvme")
sid_dma=$(requester_id "$dma")
set --
for event in \
    "$tbu/transaction/" \
    "$tbu/tlb_miss/" \
    "$tbu/config_cache_miss/" \
    "$tbu/transaction,$(of_stream "$sid_nvme")/" \
    "$tbu/tlb_miss,$(of_stream "$sid_nvme")/" \
    "$tbu/transaction,$(of_stream "$sid_dma")/" \
    "$tbu/transaction,$low_streams/" \
    "$tbu/tlb_miss,$low_streams/" \
    "$tcu/transaction/" \
    "$tcu/tlb_miss/" \
    "$tcu/trans_table_walk_access/" \
    "$tcu/config_struct_access/" \
    "$tcu/trans_table_walk_access,$(of_stream "$sid_nvme")/" \
    "$tcu/config_struct_access,$(of_stream "$sid_dma")/"; do
    set -- "$@" -e "$event"
done
if command -v perf; then
    perf stat -a -x, "$@" -- sh "$0" work
else
    smmu_stat "$@" -- sh "$0" work
fi
kernel_never_said "$complaints"
echo "pmcg: the kernel lives on"
