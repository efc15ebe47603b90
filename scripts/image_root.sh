#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# image_root.sh ROOT DIR: what mmdebstrap has unpacked in ROOT, with the packages in its cache of apt, becomes
# the root of a guest that has yet to configure them: dpkg knows them as unpacked, the kernel has its tables
# and an initramfs, files of sw/debian/root are there. DIR gets `vmlinuz`, `initrd` and `build/debian/disk.img`,
# whose second partition this root is. Runs as root, or as fakeroot makes one believe. Reads from the environment
# what image.sh exports.
# shellcheck disable=SC2154 # what image.sh exports
set -euo pipefail

root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/..")
readonly root
build=${2:-} # for initramfs.sh
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"

field() { # NAME CONTROL-FILE
    sed -n "s/^$1: *//p" "$2"
}

# --- what dpkg knows -----------------------------------------------------------------------------

# The lines of PACKAGE's file `triggers`, as dpkg has them once it has unpacked the package.
image_triggers() { # DATABASE PACKAGE FILE
    local kind name await
    while read -r kind name; do
        await=
        case $kind in
        interest | interest-await) ;;
        interest-noawait) await=/noawait ;;
        *) continue ;;
        esac
        if [[ $name == /* ]]; then
            echo "$name $2$await" >>"$1/triggers/File"
        else
            echo "$2$await" >>"$1/triggers/$name"
        fi
    done <"$3"
}

# The stanza of the file `status`. What has been configured has the state `installed`.
image_status() { # ROOT CONTROL STATE
    local path
    sed "/^Package:/a Status: install ok $3" "$2/control"
    if [[ -f $2/conffiles ]]; then
        echo 'Conffiles:'
        while read -r path; do
            [[ $path != /* ]] || echo " $path $(md5sum <"$1$path" | cut -d ' ' -f 1)"
        done <"$2/conffiles"
    fi
    echo
}

# Enters a package into the database of dpkg.
image_register() { # ROOT DEB
    local database=$1/var/lib/dpkg control package name file state=unpacked
    control=$(mktemp -d)
    dpkg-deb --control "$2" "$control"
    package=$(field Package "$control/control")
    name=$package
    [[ $(field Multi-Arch "$control/control") != same ]] ||
        name+=:$(field Architecture "$control/control")
    [[ ! $package =~ ^linux-image-[0-9] ]] || state=installed # the host does what it would
    image_status "$1" "$control" "$state" >>"$database/status"
    dpkg-deb --fsys-tarfile "$2" | tar -t --quoting-style=literal | sed -e 's,^\.,,' -e 's,/$,,' -e 's,^$,/.,' \
        >"$database/info/$name.list"
    [[ ! -f $control/triggers ]] || image_triggers "$database" "$name" "$control/triggers"
    rm "$control/control"
    for file in "$control"/*; do
        [[ ! -e $file ]] || mv "$file" "$database/info/$name.${file##*/}"
    done
    rm -r "$control"
}

image_register_all() { # ROOT
    local deb
    rm -f "$1"/var/lib/dpkg/{status,arch}
    mkdir -p "$1"/var/lib/dpkg/{info,triggers}
    echo 1 >"$1/var/lib/dpkg/info/format"
    : >"$1/var/lib/dpkg/available"
    for deb in "$1"/var/cache/apt/archives/*.deb; do
        image_register "$1" "$deb"
    done
    rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*
}

# --- files ---------------------------------------------------------------------------------------

# What mmdebstrap has taken from the host, or from the copies of packages, is replaced.
image_files() { # ROOT
    rm -f "$1"/etc/{hostname,resolv.conf,machine-id} "$1"/etc/apt/apt.conf.d/99mmdebstrap \
        "$1"/etc/apt/sources.list.d/* "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
    rm -rf "${1:?}"/dev/* # the kernel has them
    cp -r --no-preserve=mode,ownership "$root/sw/debian/root/." "$1/"
    chmod 755 "$1"/usr/lib/smmu-vp/*
    printf '%s\n' "$image_sources" >"$1/etc/apt/sources.list"
    mkdir -p "$1/boot/efi"
}

# The tables of modules, the links that boot loaders follow, and the initramfs.
image_kernel() { # ROOT DIR
    local version initramfs
    version=$(ls "$1/usr/lib/modules")
    debian_select_modules "$1" "$2/modules" # makes the tables of all
    mkdir "$2/linux"
    initramfs_make "$root/sw/debian/init" "$1/usr/bin/busybox" "$root/sw/debian/configure.sh" "$2/modules"
    install -m 644 "$initramfs" "$1/boot/initrd.img-$version"
    ln -s "boot/vmlinuz-$version" "$1/vmlinuz"
    ln -s "boot/initrd.img-$version" "$1/initrd.img"
    cp "$1/boot/vmlinuz-$version" "$2/vmlinuz"
    cp "$initramfs" "$2/initrd"
}

# --- the disk ------------------------------------------------------------------------------------

# What identifies partitions and file system is the same each time.
image_disk() { # ROOT DISK
    truncate -s "${image_mebibytes}M" "$2"
    /sbin/sfdisk --quiet "$2" <<END
label: gpt
label-id: 2D4C9B0E-57A1-4D3F-8E60-91B7C0A5F3D2
start=1MiB, size=$((image_root_start - 1))MiB, type=uefi, uuid=7A5E1C94-3B0D-4F68-A2D7-6C19E8B4F053
start=${image_root_start}MiB, size=$((image_mebibytes - image_root_start - 1))MiB, type=linux, uuid=B8F3D6A1-0E72-4C95-9A4B-25D8107EC6F9
END
    /sbin/mke2fs -q -F -t ext4 -L root -U "$image_uuid" -d "$1" \
        -E "offset=$((image_root_start << 20)),hash_seed=$image_uuid,lazy_itable_init=0,lazy_journal_init=0" \
        "$2" $(((image_mebibytes - image_root_start - 1) << 10))
}

main() { # ROOT DIR
    umask 022 # what is made here is for all users of the guest
    image_register_all "$1"
    image_files "$1"
    image_kernel "$1" "$2"
    image_disk "$1" "$2/build/debian/disk.img"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
