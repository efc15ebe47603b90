# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# kernel: sva
# needs: lib.sh sva_check.c sva_race.c sva_ring.h dma_ring.h dma_function.h
# Two DMA functions share the address spaces of processes (virt-sva.dts): uio_pci_generic_sva has them,
# which binds who opens its file. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

functions=$(grep -l PCI_ID=1234:5032 /sys/bus/pci/devices/*/uevent | cut -d / -f 6)
for function in $functions; do
    bind "$function" uio_pci_sva
done

wait_for /dev/nvme0n1
mkswap /dev/nvme0n1
swapon /dev/nvme0n1

for function in $functions; do
    sva_check "$function"
done
# shellcheck disable=SC2086 # two words
sva_race $functions

kernel_never_said "$complaints"
echo "sva: the kernel has nothing to complain about"
