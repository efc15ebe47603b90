/* SPDX-License-Identifier: Apache-2.0 */
/* The PCI Express DMA function of a file that VFIO gave for it: its registers, its bus mastering.
 */
#ifndef LINUX_VFIO_FUNCTION_H
#define LINUX_VFIO_FUNCTION_H

#include "dma_function.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

static inline struct vfio_region_info region_of(int fd, unsigned index)
{
    struct vfio_region_info region = {.argsz = sizeof region, .index = index};

    check(ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &region), "region");
    return region;
}

/* BAR 0. */
static inline volatile uint8_t *map_registers(int fd)
{
    struct vfio_region_info bar = region_of(fd, VFIO_PCI_BAR0_REGION_INDEX);
    void *registers =
        mmap(NULL, bar.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)bar.offset);

    if (registers == MAP_FAILED)
        die("BAR 0 cannot be mapped: %s", strerror(errno));
    return registers;
}

/* VFIO hands the function over with bus mastering off. */
static inline void enable_bus_master(int fd)
{
    struct vfio_region_info config = region_of(fd, VFIO_PCI_CONFIG_REGION_INDEX);
    uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

    if (pwrite(fd, &command, sizeof command, (off_t)config.offset + PCI_COMMAND) != sizeof command)
        die("the command register cannot be written: %s", strerror(errno));
}

#endif
