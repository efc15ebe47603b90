# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh check.sh nvme.sh vfio.sh dual-path.sh nvme-fault.sh
# boot:
# boot: iommu.passthrough=1
# What `./vp linux` runs in the guest if nothing else is asked for: all checks that the machine has the
# devices for. The second boot finds on the disk what the first one left, and has no translation for
# the kernel's own drivers. Events are provoked last. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

# Whether the machine has a device of the kind: ACPI says nothing of PCI functions.
has() { # KIND
    if by_acpi; then
        grep -qs "$(id_of "$1")" /sys/bus/*/devices/*/modalias
    else
        [ -n "$(nodes "$1")" ]
    fi
}

id_of() { # KIND
    case $1 in
    vp,nvme) echo pci:v00001234d00005033 ;;
    vp,pcie-dma) echo pci:v00001234d00005032 ;;
    vp,dma-port) echo acpi:SMVP0002 ;;
    esac
}

# Runs SCRIPT if the machine has a device of the kind.
run_for() { # KIND SCRIPT
    if has "$1"; then
        sh "/bin/$2"
    else
        echo "# no $1 in this machine: $2 is left out"
    fi
}

sh /bin/check.sh
run_for vp,nvme nvme.sh
run_for vp,pcie-dma vfio.sh
run_for vp,dma-port dual-path.sh
! translated || run_for vp,nvme nvme-fault.sh
