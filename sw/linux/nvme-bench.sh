# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# For `./vp bench`: how fast blocks of an NVMe controller are written and read through the SMMU, with
# the largest requests that the controller takes.
# needs: nvme_bench.c
set -eu

disk=/dev/nvme0n1
queue=/sys/block/nvme0n1/queue

modprobe nvme
tries=100
while [ ! -e "$disk" ] && [ "$tries" -gt 0 ]; do
    sleep 0.05
    tries=$((tries - 1))
done
[ "$(cat /sys/class/nvme/nvme0/device/iommu_group/type)" != identity ]
cat "$queue/max_hw_sectors_kb" >"$queue/max_sectors_kb"
nvme_bench "$disk"
