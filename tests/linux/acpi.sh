#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# acpi.sh SMMU_VP BUILD TEST RELEASE: what `vp linux` does by default, booted by EDK2 with ACPI tables;
# the driver says the same of the SMMU as with a device tree.
set -euo pipefail

readonly firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
release=$4 # a function of debian.sh has a variable of this name
[[ -e $firmware ]] || {
    echo "$firmware is not installed" >&2
    exit 3
}
"$(dirname "$0")/default.sh" "$1" "$2" "$3" 'iommu@9050000 2 1' --release "$release" \
    --firmware "$firmware"
readonly by_acpi=$2/linux/test-$3/boot-1/console.log

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh" "$1" "$2" "$3.tree"
run_linux "$results" --release "$release" --script "$root/sw/linux/check.sh"

said_of_smmu() { # CONSOLE
    sed -nE 's/.*arm-smmu-v3 [^ ]*: (ias|oas)/\1/p' "$1"
}

expect_line "$by_acpi" 'efi: EFI v.* by EDK II'
expect_line "$by_acpi" 'ACPI: IORT 0x.* SMMUVP'
diff <(said_of_smmu "$by_acpi") <(said_of_smmu "$results/boot-1/console.log") ||
    fail "the driver says something else of the SMMU than with a device tree"
expect_line "$results/boot-1/console.log" 'arm-smmu-v3 .*features 0x'
! grep -E 'ACPI (BIOS )?(Error|Warning)|\[Firmware Bug\]|IORT.*(fail|invalid)' "$by_acpi" ||
    fail "the kernel complains about the tables"
say "Linux finds by ACPI what it finds by a device tree"
