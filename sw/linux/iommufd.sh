# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# kernel: sva
# needs: lib.sh iommufd_check.c iommufd_nested.c iommufd_function.h vfio_function.h dma_ring.h dma_function.h
# A DMA function whose address spaces are IOMMUFD's, with stalls (virt-sva.dts): mappings, PASIDs, faults,
# dirty pages; then a guest's own stage 1 above the host's stage 2. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

functions=$(grep -l PCI_ID=1234:5032 /sys/bus/pci/devices/*/uevent | cut -d / -f 6)
for function in $functions; do
    bind "$function" vfio-pci
    iommufd_check "$function"
    iommufd_nested "$function"
done
kernel_never_said "$complaints"
echo "iommufd: the kernel has nothing to complain about"
