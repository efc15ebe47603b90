/* SPDX-License-Identifier: Apache-2.0 */
/* A PCI Express DMA function as a program has it by VFIO: its memory mapped for the device, ring 0
 * with descriptors at RING_IOVA, and MSI-X by an eventfd. */
#ifndef LINUX_VFIO_RING_H
#define LINUX_VFIO_RING_H

#include "vfio_function.h"

#include <poll.h>
#include <sys/eventfd.h>

#define RING_IOVA   0x100000000UL /* between the windows of the PCI host */
#define RING_BYTES  (1U << 16)    /* whole pages of any size */
#define LOG2_RING   4U
#define PATIENCE_MS 10000

struct device {
    int container, group, fd, interrupt;
    volatile uint8_t *registers; /* BAR 0 */
    struct descriptor *ring;
    unsigned tail;
};

/* --- VFIO --------------------------------------------------------------------------------------
 */

static inline void open_device(struct device *device, const char *group, const char *name)
{
    struct vfio_group_status status = {.argsz = sizeof status};
    char path[64];

    snprintf(path, sizeof path, "/dev/vfio/%s", group);
    device->container = check(open("/dev/vfio/vfio", O_RDWR), "/dev/vfio/vfio");
    device->group = check(open(path, O_RDWR), path);
    check(ioctl(device->group, VFIO_GROUP_GET_STATUS, &status), "status of the group");
    if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
        die("group %s has devices that are not VFIO's", group);
    check(ioctl(device->group, VFIO_GROUP_SET_CONTAINER, &device->container), "set container");
    check(ioctl(device->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), "set IOMMU");
    device->fd = check(ioctl(device->group, VFIO_GROUP_GET_DEVICE_FD, name), name);
}

/* MSI-X vector 0 becomes an eventfd. */
static inline void connect_interrupt(struct device *device)
{
    union {
        struct vfio_irq_set set;
        uint8_t room[sizeof(struct vfio_irq_set) + sizeof(int)];
    } request = {.set = {.argsz = sizeof request.room,
                         .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                         .index = VFIO_PCI_MSIX_IRQ_INDEX,
                         .count = 1}};

    device->interrupt = check(eventfd(0, 0), "eventfd");
    memcpy(request.set.data, &device->interrupt, sizeof device->interrupt);
    check(ioctl(device->fd, VFIO_DEVICE_SET_IRQS, &request), "MSI-X");
}

/* Memory of this process that the device sees at `iova`. */
static inline void *map_memory(const struct device *device, uint64_t iova, uint64_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct vfio_iommu_type1_dma_map request = {
        .argsz = sizeof request,
        .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
        .vaddr = (uintptr_t)memory,
        .iova = iova,
        .size = size,
    };

    if (memory == MAP_FAILED)
        die("no memory");
    check(ioctl(device->container, VFIO_IOMMU_MAP_DMA, &request), "map");
    return memory;
}

static inline void unmap_memory(const struct device *device, uint64_t iova, uint64_t size)
{
    struct vfio_iommu_type1_dma_unmap request = {
        .argsz = sizeof request, .iova = iova, .size = size};

    check(ioctl(device->container, VFIO_IOMMU_UNMAP_DMA, &request), "unmap");
    if (request.size != size)
        die("0x%llx bytes are unmapped instead of 0x%lx", request.size, size);
}

/* --- the DMA function --------------------------------------------------------------------------
 */

static inline uint32_t read32(const struct device *device, unsigned offset)
{
    return *(const volatile uint32_t *)(device->registers + offset);
}

static inline void write32(const struct device *device, unsigned offset, uint32_t value)
{
    *(volatile uint32_t *)(device->registers + offset) = value;
}

static inline void start_ring(const struct device *device)
{
    uint32_t id = read32(device, ENGINE_ID);

    if (id != ENGINE_ID_VALUE)
        die("ID is 0x%x: this is no vp,pcie-dma", id);
    *(volatile uint64_t *)(device->registers + RING_BASE) = RING_IOVA;
    write32(device, RING_SIZE, LOG2_RING);
    write32(device, RING_CTRL, 1);
}

/* From nothing to a ring that waits for work, with nothing else mapped. */
static inline void open_function(struct device *device, const char *group, const char *name)
{
    open_device(device, group, name);
    device->registers = map_registers(device->fd);
    enable_bus_master(device->fd);
    connect_interrupt(device);
    device->ring = map_memory(device, RING_IOVA, RING_BYTES);
    start_ring(device);
}

/* Hand `work` over, sleep until the interrupt, and return it as it is then. */
static inline struct descriptor run(struct device *device, struct descriptor work)
{
    struct descriptor *slot = &device->ring[device->tail];
    struct pollfd wait = {.fd = device->interrupt, .events = POLLIN};
    uint64_t interrupts;

    work.control |= INTERRUPT;
    *slot = work;
    device->tail = (device->tail + 1) % (1U << LOG2_RING);
    __asm__ volatile("dsb st" ::: "memory"); /* the descriptor is there before the doorbell */
    write32(device, RING_TAIL, device->tail);
    if (check(poll(&wait, 1, PATIENCE_MS), "poll") == 0)
        die("no interrupt after operation %u", work.control & 0xff);
    if (read(device->interrupt, &interrupts, sizeof interrupts) != sizeof interrupts)
        die("eventfd: %s", strerror(errno));
    __asm__ volatile("dmb ld" ::: "memory"); /* what it wrote is read after it said so */
    return *(volatile struct descriptor *)slot;
}

#endif
