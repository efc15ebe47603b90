# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# For `./vp bench`: how fast blocks of an NVMe controller are written and read through the SMMU, with
# the largest requests that the controller takes, and page by page.
# needs: lib.sh nvme_bench.c
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

disk=/dev/nvme0n1
queue=/sys/block/nvme0n1/queue

modprobe nvme
wait_for "$disk"
[ "$(cat /sys/class/nvme/nvme0/device/iommu_group/type)" != identity ]
cat "$queue/max_hw_sectors_kb" >"$queue/max_sectors_kb"
nvme_bench "$disk"
