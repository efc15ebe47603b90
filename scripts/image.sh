# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Images of whole Debian systems. mmdebstrap unpacks the packages on the host, where nothing of another
# architecture can be relied upon to run; they are configured on the virtual platform. Images are kept in
# build/debian/, under a name made of what they are made of. Sourced; needs common.sh, debian.sh, initramfs.sh
# and linux.sh.
# shellcheck disable=SC2154 # root, build

readonly image_dir=$build/debian
readonly image_seconds=1800 # of guest time to configure all packages
# For image_root.sh too: sizes, in MiB, and what identifies the root file system.
export image_mebibytes=4096 image_root_start=129 image_uuid=3f8a6c52-9d14-4b7e-8c05-e1a2b3d4f596
readonly image_esp=1M # where the EFI system partition begins, as mtools want it

# Prints the name of the set of packages (debian.sh) for a system.
image_set() { # RELEASE [PACKAGE...]
    local set
    set=$1:$(printf '%s\n' "${@:2}" | sort -u | paste -sd ,)
    ((${#set} <= 200)) || refuse "debian: the names of so many packages are no name of a directory: $set"
    echo "$set"
}

# Runs mmdebstrap on the packages in CACHE, which become the mirror that it gets them from. Its files go to
# DIR, as image_root.sh says.
image_unpack() { # SET CACHE DIR
    local mirror names status=0
    mirror=$(mktemp -d)
    ln -s "$2"/*.deb "$mirror/"
    (cd "$mirror" && apt-ftparchive packages . >Packages)
    read -d '' -ra names < <(sed -n 's/^Package: //p' "$mirror/Packages") || true
    # shellcheck disable=SC2016 # mmdebstrap expands them
    image_sources=$(debian_sources "$1") image_root=$root/scripts/image_root.sh image_part=$3 \
        TMPDIR=$3 mmdebstrap --quiet --mode=fakechroot --variant=extract --architectures=arm64 \
        --include="${names[*]}" --format=null \
        --setup-hook='mkdir -p "$1"/usr/bin "$1"/usr/sbin "$1"/usr/lib' \
        --setup-hook='ln -s usr/bin usr/sbin usr/lib "$1/"' \
        --extract-hook='bash "$image_root" "$1" "$image_part"' \
        '' /dev/null "deb [trusted=yes] copy:$mirror ./" >"$3/log" 2>&1 || status=$?
    rm -r "$mirror"
    ((status == 0)) || {
        tail -n 20 "$3/log" >&2
        fail "mmdebstrap failed; all that it said is in $3/log"
    }
}

# Prints "[N/TOTAL]" for each package that the console, which it reads, says is configured.
image_count() { # TOTAL
    local line count=0
    while IFS= read -r line; do
        [[ $line != 'Setting up '* ]] || echo "[$((++count))/$1]"
    done
}

# Has the packages of the system in DIR configured, by itself.
image_configure() { # PROGRAM DIR TOTAL
    local status=0 reason
    (cd "$2" && "$1" --dtb "$build/platform/virt-debian.dtb" --kernel vmlinuz --initrd initrd \
        --append "$linux_command_line root=UUID=$image_uuid vp.configure" --max-time "$image_seconds") \
        </dev/null 2>&1 | sed -u 's/\r$//' | tee "$2/console.log" | image_count "$3" |
        progress configured || status=$?
    reason=$(linux_verdict "$2" "$status") || {
        tail -n 20 "$2/console.log" >&2
        fail "debian: $reason; the whole console is in $2/console.log"
    }
}

# The EFI system partition of DISK: GRUB where firmware looks for it, and a menu that boots what the links in
# the root directory name. The file vp/grub.cfg is that of a run.
image_boot_loader() { # DISK GRUB
    local esp=$1@@$image_esp
    mformat -i "$esp" -F -v VP-ESP -N 5a5a0002 -T $(((image_root_start - 1) * 2048)) ::
    mmd -i "$esp" ::EFI ::EFI/BOOT ::EFI/debian
    mcopy -i "$esp" "$2" ::EFI/BOOT/BOOTAA64.EFI
    mcopy -i "$esp" - ::EFI/debian/grub.cfg <<END
set timeout=0
source /vp/grub.cfg
search --set=root --fs-uuid $image_uuid
linux /vmlinuz $linux_command_line root=UUID=$image_uuid \$append
initrd /initrd.img
boot
END
}

# Makes IMAGE for a set of packages, with PROGRAM for smmu-vp.
image_make() { # SET CACHE IMAGE PROGRAM
    local part count release
    release=$(debian_release "$1")
    debian_check_cache "$2"
    debian_prepare "$release=grub-efi-arm64-signed"
    part=$image_dir/part-$(basename "$3" .img)
    rm -rf "$part" # of a run that did not end well
    mkdir -p "$part/build/debian"
    count=$(find "$2" -name '*.deb' | wc -l)
    say "unpacking $count packages"
    image_unpack "$1" "$2" "$part"
    image_boot_loader "$part/build/debian/disk.img" \
        "$build/linux/$release=grub-efi-arm64-signed/root/lib/grub/arm64-efi-signed/grubaa64.efi.signed"
    say "configuring them on the virtual platform, which takes minutes, once"
    image_configure "$4" "$part" "$count"
    rm -f "$(dirname "$3")"/*.img
    mv "$part/build/debian/disk.img" "$3"
    rm -r "$part"
}

# Sets `image` to that of a set of packages.
image_prepare() { # SET PROGRAM
    local cache lock
    debian_fetch "$1"
    cache=$(debian_cache "$1")
    mkdir -p "$image_dir/$1"
    image=$image_dir/$1/$(contents_name "$cache/SHA256SUMS" "$root/sw/debian/root" \
        "$root"/sw/debian/{init,configure.sh} "$root/sw/linux/modules" \
        "$root"/scripts/{debian,image,image_root,initramfs}.sh).img
    exec {lock}>"$image_dir/$1/lock"
    flock "$lock"
    [[ -f $image ]] || image_make "$1" "$cache" "$image" "$2"
    exec {lock}>&-
}
