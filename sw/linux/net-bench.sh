# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# For `./vp bench`: how fast data go by TCP to and from a virtio network, through the SMMU.
# needs: lib.sh net_bench.c
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

modprobe virtio_pci
modprobe virtio_net
wait_for /sys/class/net/eth0
[ "$(cat /sys/class/net/eth0/device/../iommu_group/type)" != identity ]
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
net_bench
