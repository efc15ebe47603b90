/* SPDX-License-Identifier: Apache-2.0 */
/* What it takes the kernel to map a page for a device and to unmap it, by its own benchmark of DMA
 * mappings, which has a device: with as many threads at once as arguments say, one after the other.
 * Usage: map_bench THREADS... */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/map_benchmark.h>

#define DEBUG_FILE "/sys/kernel/debug/dma_map_benchmark"

int main(int argc, char **argv)
{
    const int fd = open(DEBUG_FILE, O_RDWR);

    for (int i = 1; i < argc; i++) {
        struct map_benchmark run = {
            .threads = (uint32_t)strtoul(argv[i], NULL, 10),
            .seconds = 1, /* the least */
            .node = -1,
            .dma_bits = 64,
            .dma_dir = DMA_MAP_BIDIRECTIONAL,
            .granule = 1,
        };

        if (ioctl(fd, DMA_MAP_BENCHMARK, &run) != 0) {
            fprintf(stderr, "map-bench: %s threads: %s\n", argv[i], strerror(errno));
            return 1;
        }
        printf("map-bench: threads %u map %llu unmap %llu\n", run.threads, run.avg_map_100ns * 100,
               run.avg_unmap_100ns * 100);
    }
    return 0;
}
