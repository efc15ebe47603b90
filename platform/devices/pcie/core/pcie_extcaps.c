/* SPDX-License-Identifier: Apache-2.0 */
/* Extended capabilities: error reporting, access control, address translation, PASIDs. */
#include "pcie_function_priv.h"

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

#define AER_UNCOR_BITS      0x027ff030u
#define AER_SEVERITY_RESET  0x00462030u
#define AER_INTERNAL        0x00400000u
#define AER_COR_BITS        0x0000f1c1u
#define AER_COR_MASK_RESET  0x0000e000u
#define AER_ROOT_ERROR_BITS 0x0000007fu

static const struct pcie_config_row aer[] = {
    {AER_UNCOR_STATUS, 4, .w1c = AER_UNCOR_BITS, .sticky = AER_UNCOR_BITS},
    {AER_UNCOR_MASK, 4, .reset = AER_INTERNAL, .rw = AER_UNCOR_BITS, .sticky = AER_UNCOR_BITS},
    {AER_UNCOR_SEVERITY, 4, .reset = AER_SEVERITY_RESET, .rw = AER_UNCOR_BITS,
     .sticky = AER_UNCOR_BITS},
    {AER_COR_STATUS, 4, .w1c = AER_COR_BITS, .sticky = AER_COR_BITS},
    {AER_COR_MASK, 4, .reset = AER_COR_MASK_RESET, .rw = AER_COR_BITS, .sticky = AER_COR_BITS},
};

static const struct pcie_config_row aer_root[] = {
    {AER_ROOT_COMMAND, 4, .rw = 0x7},
    {AER_ROOT_STATUS, 4, .w1c = AER_ROOT_ERROR_BITS, .sticky = AER_ROOT_ERROR_BITS},
};

/* Source validation, translation blocking, redirection of requests and completions, upstream
 * forwarding. */
#define ACS_IMPLEMENTED 0x001fu

static const struct pcie_config_row acs[] = {
    {ACS_CAPS, 2, .reset = ACS_IMPLEMENTED},
    {ACS_CONTROL, 2, .rw = ACS_IMPLEMENTED},
};

#define ATS_PAGE_ALIGNED 0x0020u
#define ATS_DEPTH        0x001fu /* 0 stands for 32 */
#define ATS_CONTROL_RW   0x801fu /* enable, smallest translation unit */

static const struct pcie_config_row ats[] = {
    {ATS_CONTROL, 2, .rw = ATS_CONTROL_RW},
};

static const struct pcie_config_row pri[] = {
    {PRI_CONTROL, 2, .rw = PRI_ENABLE | PRI_RESET, .written = pcie_pri_written},
    {PRI_STATUS, 2, .reset = PRI_STOPPED, .w1c = PRI_FAILED | PRI_UNEXPECTED},
    {PRI_ALLOCATION, 4, .rw = UINT32_MAX},
};

#define PASID_EXECUTE     0x0002u
#define PASID_PRIVILEGED  0x0004u
#define PASID_WIDTH_SHIFT 8

static void build_pasid(pcie_fn *fn)
{
    const struct pcie_pasid_desc *desc = &fn->desc.pasid;
    uint32_t offered = (desc->execute ? PASID_EXECUTE : 0) |
                       (desc->privileged ? PASID_PRIVILEGED : 0) |
                       (fn->desc.ats.present ? PASID_TRANSLATED : 0);
    const struct pcie_config_row rows[] = {
        {PASID_CAPS, 2, .reset = offered | (uint32_t)desc->width << PASID_WIDTH_SHIFT},
        {PASID_CONTROL, 2, .rw = PASID_ENABLE | offered},
    };

    fn->caps.pasid = pcie_config_add_ext(&fn->config, EXT_PASID, 1, 8, rows, COUNT(rows));
}

void pcie_extcaps_build(pcie_fn *fn)
{
    struct pcie_config *config = &fn->config;

    fn->caps.aer = pcie_config_add_ext(config, EXT_AER, 2, 0x48, aer, COUNT(aer));
    if (fn->desc.kind == PCIE_ROOT_PORT) {
        pcie_config_rows(config, fn->caps.aer, aer_root, COUNT(aer_root));
        fn->caps.acs = pcie_config_add_ext(config, EXT_ACS, 1, 8, acs, COUNT(acs));
    }
    if (fn->desc.ats.present) {
        fn->caps.ats = pcie_config_add_ext(config, EXT_ATS, 1, 8, ats, COUNT(ats));
        pcie_config_preset(config, fn->caps.ats + ATS_CAPS, 2,
                           ATS_PAGE_ALIGNED | (fn->desc.ats.queue_depth & ATS_DEPTH));
    }
    if (fn->desc.pri.capacity) {
        fn->caps.pri = pcie_config_add_ext(config, EXT_PRI, 1, 16, pri, COUNT(pri));
        pcie_config_preset(config, fn->caps.pri + PRI_CAPACITY, 4, fn->desc.pri.capacity);
    }
    if (fn->desc.pasid.width)
        build_pasid(fn);
}
