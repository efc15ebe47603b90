/* SPDX-License-Identifier: Apache-2.0 */
/* The PCI Express DMA function as a program has it by VFIO's character device and IOMMUFD: address
 * spaces (IOAS), their tables (HWPT), which of them the function and its PASIDs have. */
#ifndef LINUX_IOMMUFD_FUNCTION_H
#define LINUX_IOMMUFD_FUNCTION_H

#include "dma_ring.h"
#include "vfio_function.h"

#include <glob.h>
#include <poll.h>

#include <linux/iommufd.h>

#define PAGE      4096U
#define RING_IOVA 0x100000000UL /* between the windows of the PCI host */

struct function {
    int iommufd, fd;
    uint32_t id; /* for IOMMUFD */
    volatile uint8_t *registers;
};

static inline void *memory(size_t size)
{
    void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (data == MAP_FAILED)
        die("no memory");
    return data;
}

/* Opens the function with PCI address `name` and binds it to IOMMUFD. It has no address space yet.
 */
static inline void open_function(struct function *function, const char *name)
{
    struct vfio_device_bind_iommufd bind = {.argsz = sizeof bind};
    char path[96];
    glob_t found;

    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/vfio-dev/vfio*", name);
    if (glob(path, 0, NULL, &found) != 0)
        die("%s is not VFIO's", name);
    snprintf(path, sizeof path, "/dev/vfio/devices/%s", strrchr(found.gl_pathv[0], '/') + 1);
    globfree(&found);
    function->iommufd = check(open("/dev/iommu", O_RDWR), "/dev/iommu");
    function->fd = check(open(path, O_RDWR), path);
    bind.iommufd = function->iommufd;
    check(ioctl(function->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), "bind");
    function->id = bind.out_devid;
    function->registers = map_registers(function->fd);
    enable_bus_master(function->fd);
}

/* --- address spaces and tables --- */

static inline uint32_t make_space(const struct function *function)
{
    struct iommu_ioas_alloc request = {.size = sizeof request};

    check(ioctl(function->iommufd, IOMMU_IOAS_ALLOC, &request), "address space");
    return request.out_ioas_id;
}

static inline void map(const struct function *function, uint32_t space, const void *data,
                       uint64_t size, uint64_t iova)
{
    struct iommu_ioas_map request = {
        .size = sizeof request,
        .flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE,
        .ioas_id = space,
        .user_va = (uintptr_t)data,
        .length = size,
        .iova = iova,
    };

    check(ioctl(function->iommufd, IOMMU_IOAS_MAP, &request), "map");
}

static inline void unmap(const struct function *function, uint32_t space, uint64_t size,
                         uint64_t iova)
{
    struct iommu_ioas_unmap request = {
        .size = sizeof request, .ioas_id = space, .iova = iova, .length = size};

    check(ioctl(function->iommufd, IOMMU_IOAS_UNMAP, &request), "unmap");
    if (request.length != size)
        die("0x%llx bytes are unmapped instead of 0x%lx", request.length, size);
}

/* Tables of `space`; `flags` are those of IOMMU_HWPT_ALLOC, `fault_queue` counts if they say so. */
static inline uint32_t make_tables(const struct function *function, uint32_t space, uint32_t flags,
                                   uint32_t fault_queue)
{
    struct iommu_hwpt_alloc request = {
        .size = sizeof request,
        .flags = flags,
        .dev_id = function->id,
        .pt_id = space,
        .fault_id = fault_queue,
    };

    check(ioctl(function->iommufd, IOMMU_HWPT_ALLOC, &request), "tables");
    return request.out_hwpt_id;
}

/* Requests of the function without PASID go by `tables`. */
static inline void attach(const struct function *function, uint32_t tables)
{
    struct vfio_device_attach_iommufd_pt request = {.argsz = sizeof request, .pt_id = tables};

    check(ioctl(function->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &request), "attach");
}

static inline void attach_pasid(const struct function *function, uint32_t tables, uint32_t pasid)
{
    struct vfio_device_attach_iommufd_pt request = {.argsz = sizeof request,
                                                    .flags = VFIO_DEVICE_ATTACH_PASID,
                                                    .pt_id = tables,
                                                    .pasid = pasid};

    check(ioctl(function->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &request), "attach with PASID");
}

static inline void detach_pasid(const struct function *function, uint32_t pasid)
{
    struct vfio_device_detach_iommufd_pt request = {
        .argsz = sizeof request, .flags = VFIO_DEVICE_DETACH_PASID, .pasid = pasid};

    check(ioctl(function->fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &request), "detach with PASID");
}

/* --- what the kernel tells --- */

/* Whether there is something to read within half a second. */
static inline bool is_ready(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    return check(poll(&wait, 1, 500), "poll") == 1;
}

/* Reads a record, which has to come. */
static inline void read_record(int fd, void *record, size_t size, const char *what)
{
    if (!is_ready(fd))
        die("%s: nothing comes", what);
    if (read(fd, record, size) != (ssize_t)size)
        die("%s: %s", what, strerror(errno));
}

/* --- what the function is to do --- */

static inline struct descriptor copy(uint64_t source, uint64_t destination, uint32_t length)
{
    return (struct descriptor){
        .control = COPY, .source = source, .destination = destination, .length = length};
}

static inline struct descriptor with_pasid(struct descriptor work, uint32_t pasid)
{
    work.control |= OWN_PASID;
    work.pasid = pasid;
    return work;
}

static inline void expect_status(struct descriptor done, uint32_t status, const char *what)
{
    if (done.status != status)
        die("%s: status %u at 0x%lx instead of %u", what, done.status, done.fault_addr, status);
}

#endif
