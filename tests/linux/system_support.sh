# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the boots of whole Debian systems have in common. Sourced, as support.sh is, after it.
# shellcheck disable=SC2154 # what support.sh sets

# shellcheck source=scripts/image.sh
. "$root/scripts/image.sh"
# shellcheck source=scripts/system.sh
. "$root/scripts/system.sh"

# What `vp debian` does with the options.
run_debian() { # [OPTION...]
    local -A option=()
    # shellcheck disable=SC2034 # for the functions that are called
    local packages script append dtb
    system_parse "$@"
    system_script
    machine_blob debian "$results" "${option[--dts]:-}" virt-debian
    system_start "$results" "$results/build/debian/disk.img" "$program"
}

# Ends the test unless the programs and files are there.
needs_installed() { # PROGRAM-OR-FILE...
    local each
    for each; do
        command -v "$each" >/dev/null || [[ -e $each ]] || end_with 3 "$each is not installed"
    done
}

needs_installed mmdebstrap mkenvimage "$system_edk2" "$system_uboot"
