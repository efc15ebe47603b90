/* SPDX-License-Identifier: Apache-2.0 */
/* The machine the programs run on: addresses, interrupts, streams and firmware calls. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_GICD_BASE    0x08000000UL
#define PLATFORM_ITS_BASE     0x08080000UL
#define PLATFORM_GICR_BASE    0x080a0000UL
#define PLATFORM_GICR_STRIDE  0x20000UL /* one redistributor for each PE */
#define PLATFORM_UART_BASE    0x09000000UL
#define PLATFORM_SMMU_BASE    0x09050000UL
#define PLATFORM_SMMU2_BASE   0x090b0000UL /* only with smmu2.dtsi */
#define PLATFORM_DMA_BASE     0x0c000000UL
#define PLATFORM_DMA_STRIDE   0x1000UL     /* one page of registers per channel */
#define PLATFORM_PORT_BASE    0x0c010000UL /* only in virt-dual-path.dts */
#define PLATFORM_TRAFFIC_BASE 0x0c020000UL /* only in virt-traffic.dts */
#define PLATFORM_RTL_DMA_BASE 0x0c030000UL /* only in virt-rtl.dts, virt-el2-rtl.dts */

#define PLATFORM_PROBE_BASE   0x0c030000UL /* only in virt-mpam.dts */
#define PLATFORM_PROBE_WINDOW 0x0c040000UL /* likewise */

/* PCI Express: configuration space, and the window for 32-bit BARs. */
#define PLATFORM_PCIE_ECAM_BASE 0x4010000000UL
#define PLATFORM_PCIE_MMIO_BASE 0x10000000UL
#define PLATFORM_PCIE_MMIO_SIZE 0x2eff0000UL

#define PLATFORM_RAM_BASE 0x40000000UL
#define PLATFORM_RAM_SIZE 0x10000000UL /* what the programs use; the machine may have more */

/* Private peripheral interrupt of the virtual timer: its INTID. */
#define PLATFORM_INTID_VTIMER 27

/* Shared peripheral interrupts, as the device tree counts them. */
#define PLATFORM_SPI_SMMU_EVENTQ  74
#define PLATFORM_SPI_SMMU_PRIQ    75
#define PLATFORM_SPI_SMMU_SYNC    76
#define PLATFORM_SPI_SMMU_GERROR  77
#define PLATFORM_SPI_SMMU2_EVENTQ 84
#define PLATFORM_SPI_DMA(channel) (112 + (channel))
#define PLATFORM_SPI_PORT         114
#define PLATFORM_SPI_TRAFFIC      115
#define PLATFORM_SPI_RTL_DMA      116
#define PLATFORM_SPI_PCIE(device) (3 + (device) % 4) /* INTA of a device of the root bus */

/* Channel c of the DMA engine issues its traffic with this StreamID. */
#define PLATFORM_DMA_CHANNELS     2
#define PLATFORM_DMA_SID(channel) (0x10 + (channel))

/* The DMA function whose port that is, and the stream of the port in the second SMMU. */
#define PLATFORM_PORT_FUNCTION 0x0008U
#define PLATFORM_PORT_SID      0x20U

/* The traffic generator's two. */
#define PLATFORM_TRAFFIC_SID(index) (0x30 + (index))

/* That of the DMA engine in RTL, which issues whatever software has told it. */
#define PLATFORM_RTL_DMA_SID 0x38U

/* The SMMU's own messages carry this DeviceID. */
#define PLATFORM_DEVICE_SMMU 0x10000U

/* Firmware calls: PSCI, and one of the platform's own that ends the run with the exit
 * status given in x1. */
#define PLATFORM_CALL_CPU_SUSPEND   0xc4000001UL
#define PLATFORM_CALL_CPU_OFF       0x84000002UL
#define PLATFORM_CALL_CPU_ON        0xc4000003UL
#define PLATFORM_CALL_AFFINITY_INFO 0xc4000004UL
#define PLATFORM_CALL_SYSTEM_OFF    0x84000008UL
#define PLATFORM_CALL_EXIT          0xc7000000UL

#endif
