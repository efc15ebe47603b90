# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# What scripts of `vp debian` have in common: checks that are printed as TAP, and where the disk is. Sourced;
# a script ends with `exit $failed`.
# shellcheck disable=SC2034 # read by those who source this
count=0
failed=0

check() { # WHAT COMMAND [ARGUMENT...]
    local what=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $what"
    else
        echo "not ok $count - $what"
        failed=1
    fi
}

is() { # VALUE WANTED
    [ "$1" = "$2" ] || {
        printf '# "%s" instead of "%s"\n' "$1" "$2"
        return 1
    }
}

# The value of NAME= on the kernel's command line; of several, the last.
asked() { # NAME
    tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

# The NVMe controller that the root file system is on, below /sys.
controller() {
    readlink -f "/sys/class/block/$(basename "$(findmnt -n -o SOURCE /)")/../../device"
}

nothing_has_failed() {
    is "$(systemctl is-system-running)" running || {
        systemctl list-units --failed --no-legend
        return 1
    }
}

# Whether a function of PCI Express, below /sys, reaches memory through the SMMU, in a domain of one of the types,
# or one that is translated. NAME is what it is called.
is_behind_the_smmu() { # NAME FUNCTION [TYPE...]
    local name=$1 function=$2 group
    shift 2
    [ $# != 0 ] || set -- DMA DMA-FQ
    group=$(readlink -e "$function/iommu_group") || return
    echo "# $name is in IOMMU group $(basename "$group") of type $(cat "$group/type")"
    readlink -e "$function/iommu" | grep -q '/smmu3\.' || return
    printf '%s\n' "$@" | grep -qx "$(cat "$group/type")"
}

disk_is_behind_the_smmu() {
    is_behind_the_smmu NVMe "$(controller)"
}

kernel_is_content() { # [PATTERN of lines that are expected]
    ! dmesg | grep -vE "${1:-^$}" | grep -E 'WARNING:|BUG:|Oops|Call trace|rcu: INFO|arm-smmu-v3.*event 0x|nvme.*timeout|memory probably corrupted'
}
