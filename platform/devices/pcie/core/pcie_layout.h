/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of configuration space: offsets, and bits that do something. */
#ifndef PCIE_LAYOUT_H
#define PCIE_LAYOUT_H

/* --- headers --- */
#define CFG_VENDOR        0x00
#define CFG_DEVICE        0x02
#define CFG_COMMAND       0x04
#define CFG_STATUS        0x06
#define CFG_REVISION      0x08 /* revision, then 24 bits of class code */
#define CFG_CACHE_LINE    0x0c
#define CFG_HEADER_TYPE   0x0e
#define CFG_BAR0          0x10
#define CFG_SUBSYSTEM_VID 0x2c
#define CFG_SUBSYSTEM     0x2e
#define CFG_INT_LINE      0x3c
#define CFG_INT_PIN       0x3d

#define CFG_PRIMARY_BUS     0x18
#define CFG_SECONDARY_BUS   0x19
#define CFG_SUBORDINATE_BUS 0x1a
#define CFG_SEC_STATUS      0x1e
#define CFG_MEM_BASE        0x20
#define CFG_MEM_LIMIT       0x22
#define CFG_PREF_BASE       0x24
#define CFG_PREF_LIMIT      0x26
#define CFG_PREF_BASE_HI    0x28
#define CFG_PREF_LIMIT_HI   0x2c
#define CFG_BRIDGE_CONTROL  0x3e

#define COMMAND_MEMORY       0x0002u
#define COMMAND_MASTER       0x0004u
#define COMMAND_PARITY       0x0040u
#define COMMAND_SERR         0x0100u
#define COMMAND_INTX_DISABLE 0x0400u

#define STATUS_INTX         0x0008u
#define STATUS_CAPABILITIES 0x0010u
#define STATUS_TARGET_ABORT 0x1000u /* received */
#define STATUS_MASTER_ABORT 0x2000u /* received */
#define STATUS_W1C          0xf900u

#define HEADER_BRIDGE        0x01u
#define HEADER_MULTIFUNCTION 0x80u

#define BAR_64_BIT       0x4u
#define BAR_PREFETCHABLE 0x8u

#define BRIDGE_PARITY 0x0001u
#define BRIDGE_SERR   0x0002u
#define BRIDGE_RESET  0x0040u

/* --- capabilities, offsets from the capability --- */
#define CAP_PM     0x01
#define CAP_MSI    0x05
#define CAP_VENDOR 0x09
#define CAP_PCIE   0x10
#define CAP_MSIX   0x11

#define PM_CAPS    0x2
#define PM_CONTROL 0x4
#define PM_STATE   0x0003u
#define PM_D3HOT   0x0003u

#define MSI_CONTROL 0x2
#define MSI_ADDR    0x4
#define MSI_ADDR_HI 0x8
#define MSI_DATA    0xc
#define MSI_MASK    0x10
#define MSI_PENDING 0x14
#define MSI_ENABLE  0x0001u

#define MSIX_CONTROL       0x2
#define MSIX_TABLE         0x4
#define MSIX_PBA           0x8
#define MSIX_ENABLE        0x8000u
#define MSIX_FUNCTION_MASK 0x4000u

#define EXP_FLAGS          0x02
#define EXP_DEVCAP         0x04
#define EXP_DEVCTL         0x08
#define EXP_DEVSTA         0x0a
#define EXP_LINKCAP        0x0c
#define EXP_LINKCTL        0x10
#define EXP_LINKSTA        0x12
#define EXP_ROOTCTL        0x1c
#define EXP_DEVCAP2        0x24
#define EXP_DEVCTL2        0x28
#define EXP_LINKCAP2       0x2c
#define EXP_LINKCTL2       0x30
#define DEVCTL_RELAXED     0x0010u /* Enable Relaxed Ordering */
#define DEVCTL_PAYLOAD     0x00e0u /* Max_Payload_Size */
#define DEVCTL_EXT_TAG     0x0100u /* Extended Tag Field Enable */
#define DEVCTL_READ        0x7000u /* Max_Read_Request_Size */
#define DEVCTL_FLR         0x8000u
#define DEVSTA_UNSUPPORTED 0x0008u
#define LINKCTL_DISABLE    0x0010u
#define LINKSTA_ACTIVE     0x2000u

/* --- extended capabilities --- */
#define EXT_AER   0x0001
#define EXT_ACS   0x000d
#define EXT_ATS   0x000f
#define EXT_PRI   0x0013
#define EXT_PASID 0x001b

#define AER_UNCOR_STATUS      0x04
#define AER_UNCOR_MASK        0x08
#define AER_UNCOR_SEVERITY    0x0c
#define AER_COR_STATUS        0x10
#define AER_COR_MASK          0x14
#define AER_ROOT_COMMAND      0x2c
#define AER_ROOT_STATUS       0x30
#define AER_UNCOR_UNSUPPORTED 0x00100000u

#define ACS_CAPS       0x4
#define ACS_CONTROL    0x6
#define ACS_VALIDATION 0x0001u
#define ACS_BLOCKING   0x0002u /* of translations */

#define ATS_CAPS    0x4
#define ATS_CONTROL 0x6
#define ATS_ENABLE  0x8000u

#define PRI_CONTROL    0x4
#define PRI_STATUS     0x6
#define PRI_CAPACITY   0x8
#define PRI_ALLOCATION 0xc
#define PRI_ENABLE     0x0001u
#define PRI_RESET      0x0002u
#define PRI_FAILED     0x0001u /* Response Failure */
#define PRI_UNEXPECTED 0x0002u /* page request group index of a response */
#define PRI_STOPPED    0x0100u

#define PASID_CAPS       0x4
#define PASID_CONTROL    0x6
#define PASID_ENABLE     0x0001u
#define PASID_TRANSLATED 0x0008u /* translated requests have PASIDs: supported, enabled */

#endif
