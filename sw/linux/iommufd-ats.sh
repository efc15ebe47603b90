# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# kernel: sva
# needs: lib.sh iommufd_nested.c iommufd_function.h vfio_function.h dma_ring.h dma_function.h
# A guest's own stage 1 above the host's stage 2 for DMA functions that have ATS (virt-pcie-ats.dts). Ends at
# the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

functions=$(grep -l PCI_ID=1234:5032 /sys/bus/pci/devices/*/uevent | cut -d / -f 6)
for function in $functions; do
    bind "$function" vfio-pci
    iommufd_nested "$function" ats
done
kernel_never_said "$complaints|$smmu_event"
echo "iommufd: the kernel has nothing to complain about"
