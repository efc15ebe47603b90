#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# systems.sh CASE: tests the scripts of `vp debian` without a system, with packages of no use, disks that are
# nearly empty, and stand-ins for the simulator.
set -euo pipefail

work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
readonly caller=$PWD
export XDG_CACHE_HOME=$work/cache HOME=$work
set -- "$1" "$work/build"
# shellcheck source=scripts/image_root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/image_root.sh"
# shellcheck source=tests/linux/stand_ins.sh
. "$root/tests/linux/stand_ins.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"
# shellcheck source=scripts/image.sh
. "$root/scripts/image.sh"
# shellcheck source=scripts/system.sh
. "$root/scripts/system.sh"

# --- packages ------------------------------------------------------------------------------------

# Makes $work/NAME.deb; what comes from standard input is added to the fields that each package has.
fake_deb() { # NAME
    mkdir -p "$work/$1/DEBIAN"
    {
        printf 'Package: %s\nVersion: 1-2\nMaintainer: Nobody <nobody@example.org>\n' "$1"
        cat
        printf 'Description: nothing\n of any\n .\n use\n'
    } >"$work/$1/DEBIAN/control"
    (cd "$work/$1" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
    dpkg-deb --root-owner-group --build "$work/$1" "$work/$1.deb" >/dev/null
}

fake_debs() {
    mkdir -p "$work"/one/{DEBIAN,etc/one,usr/lib} "$work/two/usr/share/two"
    echo lib >"$work/one/usr/lib/libone.so.1"
    ln -s libone.so.1 "$work/one/usr/lib/libone.so"
    echo conf >"$work/one/etc/one/conf"
    echo /etc/one/conf >"$work/one/DEBIAN/conffiles"
    printf 'interest-noawait /usr/lib/here\ninterest named\ninterest-await /a\nactivate-noawait x\n' \
        >"$work/one/DEBIAN/triggers"
    printf '#!/bin/sh\n' >"$work/one/DEBIAN/postinst"
    chmod 755 "$work/one/DEBIAN/postinst"
    printf 'Architecture: arm64\nMulti-Arch: same\nDepends: two\n' | fake_deb one
    echo text >"$work/two/usr/share/two/text"
    echo text >"$work/two/usr/share/two/"'a\x2dunit of systemd'
    printf 'Architecture: all\nMulti-Arch: foreign\n' | fake_deb two
}

# Prints the database of dpkg in ROOT: which files it has, who may execute them, and what is in them.
# Conffiles that have yet to be configured have no sum there.
database() { # ROOT
    (
        cd "$1/var/lib/dpkg"
        find info triggers -type f ! -name Lock ! -name Unincorp -printf '%p %m\n' | sort
        find info triggers -type f ! -name Lock ! -name Unincorp | sort | xargs grep -H ''
        sed -E 's,^( /etc/one/conf) .*,\1,' status | awk -v RS= '{ print | "sort"; close("sort") }'
    )
}

what_is_unpacked_is_as_dpkg_unpacks_it() {
    fake_debs
    mkdir -p "$work"/theirs/var/lib/dpkg/{info,updates,triggers} "$work/ours/var/cache/apt/archives"
    touch "$work"/theirs/var/lib/dpkg/{status,available}
    dpkg --root="$work/theirs" --force-architecture --force-not-root --log=/dev/null \
        --unpack "$work/two.deb" "$work/one.deb" >/dev/null 2>&1
    cp "$work"/{one,two}.deb "$work/ours/var/cache/apt/archives/"
    dpkg-deb --fsys-tarfile "$work/one.deb" | tar -x -C "$work/ours"
    image_register_all "$work/ours"
    diff <(database "$work/theirs") <(database "$work/ours") || fail "that differs from what dpkg does"
    [[ ! -e $work/ours/var/cache/apt/archives/one.deb ]] || fail "packages are left"
}

a_conffile_has_the_sum_of_what_was_shipped() {
    fake_debs
    mkdir -p "$work/ours/var/cache/apt/archives"
    cp "$work/one.deb" "$work/ours/var/cache/apt/archives/"
    dpkg-deb --fsys-tarfile "$work/one.deb" | tar -x -C "$work/ours"
    image_register_all "$work/ours"
    expect "$(dpkg-query --admindir="$work/ours/var/lib/dpkg" -W -f '${Conffiles}\n' one:arm64 | tail -n 1)" \
        " /etc/one/conf $(printf 'conf\n' | md5sum | cut -d ' ' -f 1)"
}

the_kernel_is_configured_by_the_host() {
    local name
    mkdir -p "$work/ours/var/cache/apt/archives"
    for name in linux-image-6.12.1-arm64 linux-image-arm64; do
        printf 'Architecture: arm64\n' | fake_deb "$name"
        mv "$work/$name.deb" "$work/ours/var/cache/apt/archives/"
    done
    image_register_all "$work/ours"
    expect "$(dpkg-query --admindir="$work/ours/var/lib/dpkg" -W -f '${Package} ${db:Status-Status};')" \
        'linux-image-6.12.1-arm64 installed;linux-image-arm64 unpacked;'
}

a_system_has_the_packages_that_are_asked_for_once() {
    expect "$(image_set trixie)" trixie:
    expect "$(image_set bookworm sl fio sl)" bookworm:fio,sl
    expect "$(debian_release bookworm:fio,sl)" bookworm
    stand_in apt-get 'echo "$@" >&2; echo "Inst fio (1 Debian)"'
    run debian_names bookworm:fio,sl -o x
    [[ $said == *'install ?essential '*' systemd-sysv '*' fio sl'*$'\nfio' ]] || fail "\"$said\""
    run image_set trixie "$(printf '%0200d' 0)"
    expect "$status" 2
}

# --- the disk ------------------------------------------------------------------------------------

# A disk whose root has a file with TEXT that a link names.
fake_disk() { # DISK TEXT
    mkdir -p "$work/root/boot"
    echo "$2" >"$work/root/boot/vmlinuz-1"
    ln -sf boot/vmlinuz-1 "$work/root/vmlinuz"
    ln -sf boot/vmlinuz-1 "$work/root/initrd.img"
    image_mebibytes=200 image_disk "$work/root" "$1"
    echo GRUB >"$work/grub"
    image_boot_loader "$1" "$work/grub"
}

a_disk_has_a_root_and_a_boot_loader() {
    fake_disk "$work/disk.img" 'a kernel'
    system_check_image "$work/disk.img"
    system_copy_out "$work/disk.img" /vmlinuz "$work/copy"
    expect "$(<"$work/copy")" 'a kernel'
    expect "$(mtype -i "$work/disk.img@@1M" ::EFI/BOOT/BOOTAA64.EFI)" GRUB
    mtype -i "$work/disk.img@@1M" ::EFI/debian/grub.cfg | grep -q "root=UUID=$image_uuid \$append" ||
        fail "the menu does not boot the root"
    /sbin/fsck.ext4 -n -f "$work/disk.img?offset=$((image_root_start << 20))" >/dev/null 2>&1 ||
        fail "the file system is not clean"
    run system_copy_out "$work/disk.img" /nothing "$work/copy"
    expect "$status: $said" "1: vp: debian: $work/disk.img has no /nothing"
}

the_files_of_a_run_take_the_place_of_those_before() {
    local esp=$work/disk.img@@1M
    fake_disk "$work/disk.img" 'a kernel'
    printf '# needs: more\n' >"$work/script"
    echo more >"$work/more"
    system_write_esp "$work/disk.img" "$work/script" 'a=b c'
    expect "$(mtype -i "$esp" ::vp/grub.cfg)" 'set append="a=b c"'
    expect "$(mtype -i "$esp" ::vp/script)" '# needs: more'
    expect "$(mtype -i "$esp" ::vp/more)" more
    system_write_esp "$work/disk.img" '' ''
    expect "$(mtype -i "$esp" ::vp/grub.cfg)" 'set append=""'
    expect "$(mdir -b -i "$esp" ::vp | wc -l)" 1
}

a_disk_is_a_copy_unless_it_is_kept() {
    echo image >"$work/image"
    system_make_disk "$work/image" "$work/run/disk.img"
    echo changed >"$work/run/disk.img"
    expect "$(<"$work/image")" image
    rm "$work/run/disk.img"
    system_make_disk "$work/image" "$work/run/disk.img" "$work/kept"
    echo changed >"$work/run/disk.img"
    expect "$(<"$work/kept")" changed
    rm "$work/run/disk.img"
    system_make_disk '' "$work/run/disk.img" "$work/kept"
    expect "$(<"$work/run/disk.img")" changed
    rm "$work/kept"
    system_make_disk "$work/image" "$work/run/disk.img"
    expect "$(<"$work/run/disk.img")" image
    [[ ! -e $work/kept ]] || fail "what was kept is back"
}

# --- boots ---------------------------------------------------------------------------------------

# Boots a stand-in for smmu-vp that is a shell script; `$n` there is the number of the boot. Sets `status` and
# `said`.
boot() { # SCRIPT [OPTION...]
    local -A option=()
    local arguments
    [[ -e $work/disk.img ]] || fake_disk "$work/disk.img" 'a kernel'
    # shellcheck disable=SC2016 # for the stand-in
    printf '#!/bin/sh\necho >>%s/count; n=$(grep -c "" %s/count)\n%s\n' "$work" "$work" "$1" >"$work/smmu-vp"
    chmod +x "$work/smmu-vp"
    rm -f "$work/count"
    system_parse "${@:2}"
    append=${option[--append]:-}
    system_arguments "$work" machine.dtb
    run system_boots "$work" "$work/disk.img" "$work/smmu-vp"
}

boots() {
    grep -c '' "$work/count"
}

the_guest_decides() {
    boot 'echo "vp-linux: guest status 0"'
    expect "$status" 0
    boot 'echo "vp-linux: guest status 77"'
    expect "$status" 77
    [[ $said == *"vp: debian: the script in the guest ended with status 77; "* ]] || fail "\"$said\""
    boot 'echo "vp-linux: guest status 0"; exit 3'
    expect "$status" 1
    boot 'echo up'
    expect "$status" 1
    boot 'exit 2'
    expect "$status" 2
}

a_guest_may_restart() {
    # shellcheck disable=SC2016 # for the stand-in
    boot '[ $n = 3 ] && echo "vp-linux: guest status 0" && exit 0
        echo "[ 1.5] reboot: Restarting system"; exit 5'
    expect "$status" 0
    expect "$(boots)" 3
    boot 'echo "reboot: Restarting system"; exit 5'
    expect "$status" 1
    expect "$(boots)" 9
    expect "$(tail -n 1 <<<"$said")" 'vp: debian: the guest has restarted 8 times, which is enough'
}

a_guest_that_panics_is_not_started_again() {
    boot 'echo "Kernel panic - not syncing: no"; exit 5'
    expect "$status" 1
    expect "$(boots)" 1
}

options_reach_the_simulator() {
    local said_by='echo "$@"; echo "vp-linux: guest status 0"'
    boot "$said_by" --cpus 2 --mem 2G --append 'a b'
    grep -qx -- "--dtb machine.dtb --cpus 2 --mem 2G --max-time 900 --kernel $work/boot-1/vmlinuz --initrd \
$work/boot-1/initrd --append console=ttyAMA0 earlycon panic=-1 root=UUID=$image_uuid a b --stats" <<<"$said" ||
        fail "\"$said\""
    boot "$said_by" --firmware edk2 --max-time 5 --trace smmu
    grep -qx -- "--dtb machine.dtb --trace smmu --max-time 5 --firmware $system_edk2 --flash $work/flash \
--trace-file $work/boot-1/trace.log --stats" <<<"$said" || fail "\"$said\""
}

a_script_asks_for_packages_and_words() {
    local -A option=([--script]=$work/script [--packages]='fio,sl' [--append]=c)
    local script packages append
    printf '# packages: kexec-tools\n# append: a=b\n' >"$work/script"
    system_script
    expect "$script: ${packages[*]}: $append" "$work/script: fio sl kexec-tools: a=b c"
    option=([--interactive]=yes)
    system_script
    expect "$script: ${packages[*]}: $append" ': : '
}

"$1"
