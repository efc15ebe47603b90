# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# packages: pciutils
# What `lspci -vv` makes of the PCI functions: there must be nothing that it does not understand or
# cannot reach, and each function has to have its BARs and capabilities. Ends at the first thing that
# is wrong.
set -eu

doubts='!!!|<[?a-z][^<>]*>|[Uu]nknown|\[virtual\]|reserved'

die() {
    echo "pci: $*" >&2
    exit 1
}

# Wants functions of the kind, and from each a line for every PATTERN.
want() { # DEVICE-ID PATTERN...
    id=1234:$1
    shift
    lspci -vv -d "$id" >/tmp/lspci 2>/tmp/errors
    cat /tmp/lspci
    # libkmod would tell which modules there are for a function, from tables that are not here.
    if grep -v libkmod /tmp/errors || grep -E "$doubts" /tmp/lspci; then
        die "lspci does not understand $id"
    fi
    functions=$(grep -c '^[0-9a-f]' /tmp/lspci) || die "there are no functions $id"
    for pattern; do
        found=$(grep -cE "$pattern" /tmp/lspci) || true
        [ "$found" = "$functions" ] ||
            die "$functions functions $id have $found lines that match \"$pattern\""
    done
}

modprobe nvme

want 5031 \
    'Memory behind bridge: .* \[size=1M\] \[32-bit\]$' \
    'Capabilities: \[.*\] Power Management version 3' \
    'Capabilities: \[.*\] MSI: Enable\+ Count=1/1 Maskable\+ 64bit\+' \
    'Capabilities: \[.*\] Express \(v2\) Root Port.* MSI 00' \
    'Capabilities: \[.* v2\] Advanced Error Reporting' \
    'Capabilities: \[.*\] Access Control Services' \
    'ACSCap:.*SrcValid\+ .*ReqRedir\+ CmpltRedir\+ UpstreamFwd\+'

want 5032 \
    'Region 0: Memory at .* \(64-bit, non-prefetchable\) .*\[size=128K\]' \
    'Region 2: Memory at .* \(64-bit, non-prefetchable\) .*\[size=4K\]' \
    'Capabilities: \[.*\] Power Management version 3' \
    'Capabilities: \[.*\] Express \(v2\) .*Endpoint' \
    'Capabilities: \[.*\] MSI-X: Enable. Count=4' \
    'Capabilities: \[.* v2\] Advanced Error Reporting' \
    'Capabilities: \[.*\] Address Translation Service' \
    'Capabilities: \[.*\] Page Request Interface' \
    'Capabilities: \[.*\] Process Address Space ID' \
    'Max PASID Width: 14$' # hexadecimal

want 5033 \
    'Class 0108: .* \(prog-if 02\)' \
    'Control: .* Mem\+ BusMaster\+' \
    'Region 0: Memory at .* \(64-bit, non-prefetchable\) \[size=16K\]' \
    'Capabilities: \[.*\] Power Management version 3' \
    'Capabilities: \[.*\] Express \(v2\) .*Endpoint' \
    'Capabilities: \[.*\] MSI-X: Enable\+ Count=65' \
    'Capabilities: \[.* v2\] Advanced Error Reporting' \
    'Capabilities: \[.*\] Address Translation Service' \
    'Kernel driver in use: nvme'

grep -E 'MSI.* PCIe PME' /proc/interrupts || die "the port has no interrupt by a message"

echo "pci: all functions are as they should be"
