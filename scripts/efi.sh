# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp efi`: an EFI application runs in the shell of UEFI firmware, from a disk that is made for it.
# Sourced; needs common.sh and linux.sh.
# shellcheck disable=SC2154 # build, caller, linux_patterns and linux_meanings

readonly efi_dir=$build/efi
readonly efi_disk=$efi_dir/disk.img # of the machine in platform/dts
readonly efi_mebibytes=64
readonly efi_firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
readonly efi_seconds=600 # of guest time
readonly efi_valued=(--cpus --dts --firmware --max-time --mem)
readonly efi_files=(--dts --firmware)
readonly efi_word='^[]A-Za-z0-9 !$&()*+,./:=?@[\\_`{}~'\''-]+$' # what the shell leaves as it is in quotes

# --- arguments -----------------------------------------------------------------------------------

efi_readable() { # WHAT FILE
    [[ -f $2 && -r $2 ]] || refuse "efi: $1$2: there is no such file, or it cannot be read"
}

efi_option() { # OPTION VALUE
    local value=$2
    [[ -z ${linux_patterns[$1]:-} || $value =~ ${linux_patterns[$1]} ]] ||
        refuse "efi: $1 cannot be \"$value\": ${linux_meanings[$1]}"
    if contains "$1" "${efi_files[@]}"; then
        [[ $value == /* ]] || value=$caller/$value
        efi_readable "$1 " "$value"
    fi
    option[$1]=$value
}

efi_bytes() { # FILE TYPE OFFSET COUNT: prints what is there, if the file is that long
    { od -A n -t "$2" -j "$3" -N "$4" "$1" 2>/dev/null || true; } | tr -d ' \n'
}

# A PE image, whose header is where the word at 0x3c says, for the machine 0xaa64 (PE format, 3.3).
efi_is_application() { # FILE
    local header
    [[ $(head -c 2 "$1" | tr -d '\0') == MZ ]] || return 1
    header=$(efi_bytes "$1" u4 60 4)
    [[ $(efi_bytes "$1" x1 "${header:-0}" 6) == 5045000064aa ]]
}

efi_parse() { # [ARGUMENT...]: fills `option`, sets `application` and `words`
    local word
    while (($#)) && [[ $1 == -* ]]; do
        contains "$1" "${efi_valued[@]}" || refuse "efi: unknown option \"$1\""
        (($# > 1)) || refuse "efi: $1 needs a value"
        efi_option "$1" "$2"
        shift 2
    done
    (($#)) || refuse "efi: an EFI application is needed"
    application=$1
    [[ $application == /* ]] || application=$caller/$application
    shift
    efi_readable '' "$application"
    efi_is_application "$application" || refuse "efi: $application: is no EFI application for AArch64"
    for word; do
        [[ $word =~ $efi_word ]] || refuse "efi: the shell cannot be given the argument \"$word\""
    done
    words=("$@")
}

# --- what a run needs ----------------------------------------------------------------------------

# Prints what the shell does, which it does when nothing is typed.
efi_script() { # [WORD...]
    local line=app.efi word
    for word; do
        line+=" \"$word\""
    done
    printf '%s\r\n' '@echo -off' 'fs0:' "$line" 'echo vp-efi: status %lasterror%' 'reset -s'
}

# A FAT file system for the machine, with the application and what the shell does.
efi_make_disk() { # DISK APPLICATION [WORD...]
    mkdir -p "$(dirname "$1")"
    truncate -s "${efi_mebibytes}M" "$1"
    mformat -i "$1" -F ::
    mcopy -i "$1" "$2" ::app.efi || fail "efi: $2 does not fit on a disk of $efi_mebibytes MiB"
    efi_script "${@:3}" | mcopy -i "$1" - ::startup.nsh
}

# --- running and judging -------------------------------------------------------------------------

# The shell waits for a key before it does what the disk says, five seconds by the guest's clock. That
# key comes once it has asked for it: one that comes before is one for the firmware.
efi_press_key() { # CONSOLE KEYS
    until grep -qs 'Press .*ESC.* in ' "$1"; do
        sleep 0.2
    done
    printf ' ' >"$2"
}

efi_plain() { # what is on a console, without what moves the cursor and colours it
    sed -u -E 's/\x1b\[[0-9;=?]*[A-Za-z]//g; s/\r//g'
}

# Runs PROGRAM with a console of its own, prints that and keeps it in DIR/console.log. Sets
# `program_status`.
efi_run() { # DIR PROGRAM [ARGUMENT...]
    local keys presser raw=$1/console.raw
    rm -f "$1/keys" "$raw"
    mkfifo "$1/keys"
    exec {keys}<>"$1/keys"
    efi_press_key "$raw" "$1/keys" &
    presser=$!
    program_status=0
    "${@:2}" --interactive <&"$keys" | tee "$raw" | efi_plain || program_status=${PIPESTATUS[0]}
    kill "$presser" 2>/dev/null || true
    exec {keys}<&-
    efi_plain <"$raw" >"$1/console.log"
    rm "$1/keys" "$raw"
}

# Whether the application has come back with status 0. If not, prints why.
efi_verdict() { # DIR PROGRAM-STATUS
    local said
    said=$(sed -nE 's/^vp-efi: status 0x([0-9A-F]+)$/\1/p' "$1/console.log" | tail -n 1)
    if [[ -z $said ]]; then
        echo "the application did not come back to the shell (smmu-vp: status $2)"
    elif [[ $said != 0 ]]; then
        echo "the application ended with status 0x$said"
    elif (($2 != 0)); then
        echo "the application was content, but smmu-vp ended with status $2"
    else
        return 0
    fi
    return 1
}

# Runs the application, with PROGRAM for smmu-vp; files go to DIR.
efi_start() { # DIR DISK PROGRAM
    local arguments=(--max-time "${option[--max-time]:-$efi_seconds}") name reason
    for name in --cpus --mem; do
        [[ -z ${option[$name]:-} ]] || arguments+=("$name" "${option[$name]}")
    done
    efi_make_disk "$2" "$application" "${words[@]}"
    efi_run "$1" "$3" --dtb "$dtb" --firmware "${option[--firmware]:-$efi_firmware}" "${arguments[@]}"
    ((program_status != 2)) || exit 2 # smmu-vp refused what it was given, and has said why
    reason=$(efi_verdict "$1" "$program_status") ||
        fail "efi: $reason; the whole console is in $1/console.log"
}

cmd_efi() {
    local -A option=()
    local application words=() dtb
    efi_parse "$@"
    writable_build
    only_run efi "$efi_dir"
    unused_image efi "$efi_disk"
    need "${build_packages[@]}" "${firmware_packages[@]}"
    machine_blob efi "$efi_dir" "${option[--dts]:-}" virt-efi
    build_preset default smmu-vp virt_dtb
    tree_share
    delete_image efi "$efi_disk"
    efi_start "$efi_dir" "$efi_disk" "$build/smmu-vp"
    say "efi: $application ended with status 0; the console is in build/efi/console.log, and what it" \
        "has written is on build/efi/disk.img"
}
