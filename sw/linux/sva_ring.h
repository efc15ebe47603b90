/* SPDX-License-Identifier: Apache-2.0 */
/* A PCI Express DMA function that shares the address space of processes, by uio_pci_generic_sva:
 * who opens its file is bound to a PASID. Rings and data lie wherever the process has memory;
 * nothing is mapped for the device, nothing pinned. */
#ifndef LINUX_SVA_RING_H
#define LINUX_SVA_RING_H

#include "dma_ring.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGISTER_BYTES 0x20000U

struct function {
    char name[16];               /* its PCI address */
    volatile uint8_t *registers; /* BAR 0 */
    int bound;                   /* the file by which this process is bound */
    uint32_t pasid;              /* of this process */
};

/* BAR 0, which every process can have, bound or not. */
static inline void map_function(struct function *function, const char *name)
{
    char path[64];
    int fd;

    snprintf(function->name, sizeof function->name, "%s", name);
    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/resource0", name);
    fd = check(open(path, O_RDWR), path);
    void *registers = mmap(NULL, REGISTER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (registers == MAP_FAILED)
        die("%s: %s", path, strerror(errno));
    close(fd);
    function->registers = registers;
    if (*(volatile uint32_t *)(function->registers + ENGINE_ID) != ENGINE_ID_VALUE)
        die("%s is no vp,pcie-dma", name);
}

/* The PASID that the driver gave to the process that opened its file last. */
static inline uint32_t last_pasid(const char *name)
{
    char path[64], text[16] = "";
    int fd;

    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/pasid", name);
    fd = check(open(path, O_RDONLY), path);
    check((int)read(fd, text, sizeof text - 1), path);
    close(fd);
    return (uint32_t)strtoul(text, NULL, 10);
}

/* Binds this process. */
static inline void bind_process(struct function *function)
{
    char pattern[64];
    glob_t found;

    snprintf(pattern, sizeof pattern, "/sys/bus/pci/devices/%s/uio/uio*", function->name);
    if (glob(pattern, 0, NULL, &found) != 0)
        die("%s: uio_pci_generic_sva does not have it", function->name);
    snprintf(pattern, sizeof pattern, "/dev/%s", strrchr(found.gl_pathv[0], '/') + 1);
    globfree(&found);
    function->bound = check(open(pattern, O_RDWR), pattern);
    function->pasid = last_pasid(function->name);
}

/* Starts ring `number` with the PASID of this process, and descriptors in its memory. */
static inline void start_own_ring(struct ring *ring, const struct function *function,
                                  unsigned number, struct descriptor *slots)
{
    start_ring(ring, function->registers, number, slots, (uintptr_t)slots,
               function->pasid | PASID_VALID);
}

#endif
