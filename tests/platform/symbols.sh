#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the static libraries of BUILD export in C begins with their prefixes, so that no two libraries,
# nor a program that links them, mean different things by one name.
# Usage: symbols.sh BUILD NM
set -euo pipefail

build=$1
nm=$2

declare -A prefixes=(
    [access_probe_core]="access_probe_"
    [acpi_core]="acpi_ aml_"
    [addrmap]="addrmap_"
    [cfi_flash_core]="cfi_flash_"
    [cpu_core]="a64_"
    [crossbar]="crossbar_"
    [cpu_fp]="fp_"
    [disk_file]="disk_file_"
    [dma_core]="dma_"
    [dram_core]="dram_"
    [flash_file]="flash_file_"
    [fw_cfg_core]="fw_cfg_"
    [gic_core]="gic_ its_"
    [nvme_core]="nvme_"
    [pcie_core]="pcie_"
    [pcie_dma_core]="pcie_dma_"
    [pl011_core]="pl011_"
    [pl031_core]="pl031_"
    [smmu_core]="smmu_"
    [smmu_dpi]="smmu_dpi_"
    [smmu_tlm]="smmu_histogram_ smmu_level_"
    [traffic_core]="traffic_"
    [user_network]="user_network_"
    [virtio_core]="virtio_"
    [vp_device]="vp_"
    [vp_gdb]="gdb_"
)

# Libraries of RTL are Verilator's, which has names of its own. Names of C++ begin with _Z; others with an underscore or a dot in them are the compiler's.
exported() {
    "$nm" --extern-only --defined-only "$1" | awk 'NF == 3 && $3 !~ /^_|\./ { print $3 }' | sort -u
}

status=0
seen=0
while read -r archive; do
    library=$(basename "$archive" .a)
    library=${library#lib}
    for symbol in $(exported "$archive"); do
        seen=$((seen + 1))
        for prefix in ${prefixes[$library]-}; do
            [[ $symbol != "$prefix"* ]] || continue 2
        done
        echo "$library exports $symbol: its prefix is ${prefixes[$library]-not listed in symbols.sh}"
        status=1
    done
done < <(find "$build/component" "$build/platform" -name 'lib*.a' ! -name 'librtl_*.a')
[[ $seen -gt 0 ]] || {
    echo "no library in $build"
    status=1
}
exit $status
