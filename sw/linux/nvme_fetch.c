/* SPDX-License-Identifier: Apache-2.0 */
/* Has an NVMe controller that no driver has fetch a command, and prints its status (CSTS). Usage:
 * nvme_fetch DEVICE ADDRESS, by which the controller reaches its admin queue. */
#include "dma_function.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGISTER_BYTES 0x2000U

#define CC       0x14U
#define CSTS     0x1cU
#define AQA      0x24U
#define ASQ      0x28U
#define ACQ      0x30U
#define DOORBELL 0x1000U

#define ENTRIES    0x000f000fU /* 16 in each queue */
#define CC_ENABLED 0x00460001U /* entries of 64 and of 16 bytes */
#define CSTS_READY 1U
#define CSTS_FATAL 2U
#define MANY_LOOKS 1000000U

static volatile uint8_t *map_registers(const char *device)
{
    char path[96];

    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/resource0", device);
    const int fd = check(open(path, O_RDWR), path);
    void *registers = mmap(NULL, REGISTER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (registers == MAP_FAILED)
        die("%s: %s", path, strerror(errno));
    return registers;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        die("usage: nvme_fetch DEVICE ADDRESS");
    volatile uint8_t *registers = map_registers(argv[1]);
    const uint64_t address = strtoull(argv[2], NULL, 0);
    volatile uint32_t *status = (volatile uint32_t *)(registers + CSTS);

    *(volatile uint32_t *)(registers + CC) = 0;
    *(volatile uint32_t *)(registers + AQA) = ENTRIES;
    *(volatile uint64_t *)(registers + ASQ) = address;
    *(volatile uint64_t *)(registers + ACQ) = address;
    *(volatile uint32_t *)(registers + CC) = CC_ENABLED;
    for (unsigned i = 0; !(*status & CSTS_READY) && i < MANY_LOOKS; i++)
        ;
    *(volatile uint32_t *)(registers + DOORBELL) = 1;
    for (unsigned i = 0; !(*status & CSTS_FATAL) && i < MANY_LOOKS; i++)
        ;
    printf("0x%x\n", *status);
    return 0;
}
