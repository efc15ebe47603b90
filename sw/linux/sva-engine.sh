# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# kernel: sva
# needs: lib.sh sva_check.c engine_race.c sva_ring.h sva_engine.h dma_ring.h dma_function.h module/dma_sva.h
# The platform's DMA engines share the address spaces of processes (virt-sva.dts), by the module that the
# kernel has for it. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

insmod /lib/modules/dma_sva.ko
wait_for /dev/nvme0n1
mkswap /dev/nvme0n1
swapon /dev/nvme0n1

for engine in /dev/*.dma-controller; do
    sva_check "$engine"
done
engine_race /dev/*.dma-controller
rmmod dma_sva

kernel_never_said "$complaints"
echo "sva: the kernel has nothing to complain about"
