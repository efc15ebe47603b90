# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# kernel: sva
# needs: lib.sh map_bench.c
# What it takes to map a page for the first DMA function and to unmap it, on one CPU and on more at once, in
# nanoseconds of the guest's clock.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

function=$(grep -l PCI_ID=1234:5032 /sys/bus/pci/devices/*/uevent | head -n 1 | cut -d / -f 6)
mount -t debugfs debugfs /sys/kernel/debug
bind "$function" dma_map_benchmark
map_bench 1 2 4 8
kernel_never_said "$complaints|$smmu_event"
