# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp debian`: boots a Debian system on the platform, from NVMe, runs a script in it once it is up, and
# believes what the guest says about it. Sourced; needs common.sh, linux.sh and image.sh.
# shellcheck disable=SC2154 # root, build, caller, linux_patterns, linux_meanings, image_dir and what image.sh exports

readonly system_disk=$image_dir/disk.img # of the machine in platform/dts
readonly system_seconds=900              # of guest time for a boot
readonly system_resets=8                 # a guest that restarts more often will not stop
readonly system_valued=(
    --append --cpus --dts --firmware --gdb --keep --max-time --mem --net --packages --release --script --trace
)
readonly system_files=(--dts --script)
declare -rA system_patterns=(
    [--firmware]='^(none|edk2|uboot)$'
    [--packages]='^[a-z0-9][a-z0-9+.-]+([ ,][a-z0-9][a-z0-9+.-]+)*$'
    [--release]='^(bookworm|trixie)$'
)
declare -rA system_meanings=(
    [--firmware]='none, edk2 or uboot'
    [--packages]='names of packages, separated by commas or spaces'
    [--release]='bookworm or trixie'
)
readonly system_words='^[A-Za-z0-9 !%()*+,./:=?@[\_~-]*$' # what GRUB leaves as it is in quotes
readonly system_edk2=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
readonly system_uboot=/usr/lib/u-boot/qemu_arm64/u-boot.bin

# --- arguments -----------------------------------------------------------------------------------

# An image that is there has to be one of a whole disk; one that is not there will be made.
system_check_image() { # IMAGE
    [[ -e $1 ]] || {
        [[ ! -L $1 && -d $(dirname "$1") && -w $(dirname "$1") ]] || refuse "debian: --keep $1: cannot be made there"
        return 0
    }
    [[ -f $1 && -r $1 && -w $1 ]] || refuse "debian: --keep $1: is no file that can be read and written"
    [[ ! $1 -ef $system_disk ]] || refuse "debian: --keep $1: is what a run deletes or writes"
    [[ $(/sbin/blkid -p -O "$((image_root_start << 20))" -s UUID -o value "$1") == "$image_uuid" ]] ||
        refuse "debian: --keep $1: is no image that ./vp debian has made"
}

system_option() { # OPTION VALUE
    local value=$2 pattern=${system_patterns[$1]:-${linux_patterns[$1]:-}}
    [[ -z $pattern || $value =~ $pattern ]] || 
        refuse "debian: $1 cannot be \"$value\": ${system_meanings[$1]:-${linux_meanings[$1]}}"
    if contains "$1" --keep "${system_files[@]}"; then
        [[ -n $value ]] || refuse "debian: $1 needs a file"
        [[ $value == /* ]] || value=$caller/$value
    fi
    if contains "$1" "${system_files[@]}"; then
        [[ -f $value && -r $value ]] ||
            refuse "debian: $1 $value: there is no such file, or it cannot be read"
        (($(stat -L -c %s "$value") <= linux_text_limit)) ||
            refuse "debian: $1 $value: is larger than $linux_text_limit bytes"
    fi
    [[ $1 != --keep ]] || system_check_image "$value"
    [[ $1 != --append || $value =~ $system_words ]] ||
        refuse "debian: the kernel cannot be given the words \"$value\" by GRUB"
    option[$1]=$value
}

# Fills the array `option`, by name; --interactive is there or not.
system_parse() { # [ARGUMENT...]
    while (($#)); do
        if contains "$1" "${system_valued[@]}"; then
            (($# > 1)) || refuse "debian: $1 needs a value"
            system_option "$1" "$2"
            shift
        elif [[ $1 == --interactive ]]; then
            option[$1]=yes
        else
            refuse "debian: unknown argument \"$1\""
        fi
        shift
    done
    [[ -z ${option[--script]:-} || -z ${option[--interactive]:-} ]] ||
        refuse "debian: --script and --interactive exclude each other"
}

# Sets `script`, which runs in the guest, and what it asks for: `packages`, and in `append` words on the
# kernel's command line.
system_script() {
    local names words needed
    script=
    append=${option[--append]:-}
    IFS=', ' read -ra packages <<<"${option[--packages]:-}"
    [[ -z ${option[--interactive]:-} ]] || return 0
    script=${option[--script]:-$root/sw/debian/check.sh}
    initramfs_needed "$script" debian
    read -d '' -ra names < <(script_header packages "$script") || true
    packages+=("${names[@]}")
    names="${packages[*]}"
    [[ -z $names || $names =~ ${system_patterns[--packages]} ]] ||
        refuse "debian: --script $script: \"$names\" cannot be packages"
    words=$(script_header append "$script")
    [[ $words =~ $system_words ]] || refuse "debian: --script $script: the kernel cannot be given \"$words\""
    append=${words:+$words }$append
}

# --- the disk ------------------------------------------------------------------------------------

# Makes the disk of the machine: the image that is to be kept, or a copy. IMAGE is what a new one begins as.
system_make_disk() { # IMAGE DISK [KEEP]
    local file=${3:-$2}
    mkdir -p "$(dirname "$2")"
    [[ ! -L $2 ]] || rm "$2" # to an image that was kept, and may have gone
    if [[ -z ${3:-} || ! -e $3 ]]; then
        cp --reflink=auto --sparse=always "$1" "$file" || fail "debian: $file cannot be made"
    fi
    [[ -z ${3:-} ]] || ln -s "$(readlink -f "$3")" "$2"
}

# The files of a run in the EFI system partition: the script, what it needs, and more words for the kernel.
system_write_esp() { # DISK [SCRIPT] [WORDS]
    local esp=$1@@$image_esp needed=()
    mdeltree -i "$esp" ::vp >/dev/null 2>&1 || true # it may not be there
    mmd -i "$esp" ::vp || fail "debian: $1: has no EFI system partition to write to"
    printf 'set append="%s"\n' "${3:-}" | mcopy -i "$esp" - ::vp/grub.cfg
    [[ -n ${2:-} ]] || return 0
    initramfs_needed "$2" debian
    mcopy -i "$esp" "$2" ::vp/script
    ((!${#needed[@]})) || mcopy -i "$esp" "${needed[@]}" ::vp/
}

# Copies a file of the root directory of DISK, or what it is a link to.
system_copy_out() { # DISK NAME FILE
    local partition="$1?offset=$((image_root_start << 20))" name
    name=$(/sbin/debugfs -R "stat $2" "$partition" 2>/dev/null | sed -n 's/^Fast link dest: "\(.*\)"$/\1/p')
    name=${name:-$2}
    /sbin/debugfs -R "cat /${name#/}" "$partition" 2>/dev/null >"$3" || true
    [[ -s $3 ]] || fail "debian: $1 has no $2"
}

# --- running and judging -------------------------------------------------------------------------

# The environment of U-Boot in flash, by which it starts what the EFI system partition has.
system_uboot_environment() { # FILE
    # shellcheck disable=SC2016 # variables of U-Boot
    printf '%s\n' 'bootdelay=0' 'kernel_addr_r=0x40400000' \
        'bootcmd=pci enum; nvme scan; load nvme 0:1 ${kernel_addr_r} EFI/BOOT/BOOTAA64.EFI; bootefi ${kernel_addr_r} ${fdtcontroladdr}' |
        mkenvimage -s 0x40000 -o "$1" -
}

# Sets for smmu-vp the `arguments` that are the same in each boot. DIR is for files.
system_arguments() { # DIR DTB
    local name limit=$system_seconds
    arguments=(--dtb "$2")
    for name in --cpus --mem --net --gdb --trace; do
        [[ -z ${option[$name]:-} ]] || arguments+=("$name" "${option[$name]}")
    done
    [[ -z ${option[--interactive]:-}${option[--gdb]:-} ]] || limit=
    limit=${option[--max-time]:-$limit}
    [[ -z $limit ]] || arguments+=(--max-time "$limit")
    rm -f "$1/flash"
    case ${option[--firmware]:-none} in
    edk2)
        printf '\377' >"$1/flash" # the rest of the bank is erased
        arguments+=(--firmware "$system_edk2" --flash "$1/flash")
        ;;
    uboot)
        system_uboot_environment "$1/flash"
        arguments+=(--firmware "$system_uboot" --flash "$1/flash")
        ;;
    esac
}

# Sets `boot_arguments`; files go to DIR. Without firmware, what to boot is looked up in each boot: the guest
# may have another kernel by now.
system_boot_arguments() { # DIR DISK
    boot_arguments=("${arguments[@]}")
    [[ -z ${option[--trace]:-} ]] || boot_arguments+=(--trace-file "$1/trace.log")
    [[ ${option[--firmware]:-none} == none ]] || return 0
    system_copy_out "$2" /vmlinuz "$1/vmlinuz"
    system_copy_out "$2" /initrd.img "$1/initrd"
    boot_arguments+=(--kernel "$1/vmlinuz" --initrd "$1/initrd" --append
        "$linux_command_line root=UUID=$image_uuid${append:+ $append}")
}

# Whether the machine is to start again: the guest has asked for a reset, and without a terminal where one sees
# why, its kernel has said that it shuts down for that. One that panics resets the machine too.
system_restarts() { # DIR
    ((program_status == 5)) || return 1
    [[ -n ${option[--interactive]:-} ]] || grep -q 'reboot: Restarting system' "$1/console.log"
}

# Boots, and again each time the guest restarts. The files of boot N go to DIR/boot-N.
system_boots() { # DIR DISK PROGRAM
    local number dir boot_arguments program_status reason line
    for ((number = 1; number <= system_resets + 1; number++)); do
        dir=$1/boot-$number
        mkdir -p "$dir"
        system_boot_arguments "$dir" "$2"
        say "booting${option[--firmware]:+, by ${option[--firmware]}}"
        if [[ -n ${option[--interactive]:-} ]]; then
            linux_run_interactive "$dir" "$3" "${boot_arguments[@]}"
        else
            linux_run "$dir" "$3" "${boot_arguments[@]}" --stats
        fi
        system_restarts "$dir" || break
        ((number <= system_resets)) ||
            fail "debian: the guest has restarted $system_resets times, which is enough"
        say "the guest restarts"
    done
    [[ -z ${option[--interactive]:-} ]] || exit "$program_status"
    ((program_status != 2)) || exit 2 # smmu-vp refused what it was given, and has said why
    reason=$(linux_verdict "$dir" "$program_status") || {
        tail -n 20 "$dir/console.log" >&2
        system_failure "$reason; the whole console is in $dir/console.log"
    }
    while read -r line; do
        say "$line"
    done < <(linux_summary "$dir/stats.txt")
}

# Ends with the status of the script in the guest, if that is what it ended with.
system_failure() { # REASON
    local status=1
    [[ ! $1 =~ ^'the script in the guest ended with status '([0-9]+) ]] || status=${BASH_REMATCH[1]}
    end_with "$status" "debian: $1"
}

# Boots what the options ask for, with PROGRAM for smmu-vp and DISK, which is that of the machine; files go
# to DIR.
system_start() { # DIR DISK PROGRAM
    local arguments image keep=${option[--keep]:-}
    if [[ -e $keep ]]; then
        [[ -z ${option[--packages]:-}${option[--release]:-} ]] ||
            say "$keep is there: its release and its packages stay what they are"
    else
        image_prepare "$(image_set "${option[--release]:-trixie}" "${packages[@]}")" "$3"
    fi
    rm -rf "$1"/boot-*
    delete_image debian "$2"
    system_make_disk "${image:-}" "$2" "$keep"
    system_write_esp "$2" "$script" "$append"
    system_arguments "$1" "$dtb"
    system_boots "$@"
}

cmd_debian() {
    local -A option=()
    local dtb packages script append
    system_parse "$@"
    system_script
    writable_build
    only_run debian "$image_dir"
    unused_image debian "${option[--keep]:-$system_disk}"
    need "${build_packages[@]}" "${linux_packages[@]}" "${firmware_packages[@]}" "${debian_packages[@]}"
    machine_blob debian "$image_dir" "${option[--dts]:-}" virt-debian
    build_preset default smmu-vp virt_dtb
    tree_share
    system_start "$image_dir" "$system_disk" "$build/smmu-vp"
    say "debian: passed; consoles and all counters are in build/debian/boot-*"
}
