# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The initramfs of the guest: busybox, the init of sw/linux, modules, the script to run and what it
# needs. The same input gives the same bytes, under a name made of the input. Sourced; needs
# common.sh.
# shellcheck disable=SC2154 # root, build

# A name for the contents of files and of all files below directories; paths below do not matter
# beyond their order.
contents_name() { # PATH...
    find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | cut -d ' ' -f 1 |
        sha256sum | cut -c 1-16
}

# Sets `needed` to the files that the `# needs:` lines of SCRIPT name, which are beside it.
initramfs_needed() { # SCRIPT
    local names name
    needed=()
    read -d '' -ra names < <(sed -n 's/^# needs: //p' "$1") || true
    for name in "${names[@]}"; do
        needed+=("$(dirname "$1")/$name")
        [[ -f ${needed[-1]} && -r ${needed[-1]} ]] ||
            refuse "linux: --script $1 needs ${needed[-1]}, which is not there or cannot be read"
    done
}

# Puts FILE into the directory BIN; C source as the program it is the source of.
initramfs_install() { # FILE BIN
    if [[ $1 == *.c ]]; then
        aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -s \
            -Wl,--build-id=none -o "$2/$(basename "$1" .c)" "$1" ||
            fail "linux: $1 cannot be compiled for the guest"
    else
        install -m 755 "$1" "$2/"
    fi
}

# Fills the directory TO as the root of the guest.
initramfs_populate() { # BUSYBOX MODULES SCRIPT TO [NEEDED...]
    local file
    mkdir -p "$4"/{bin,dev,proc,sys,tmp}
    ln -s bin "$4/sbin" # where the kernel looks for modprobe
    install -m 755 "$1" "$4/bin/busybox"
    ln -s busybox "$4/bin/modprobe" # the kernel may ask for modules before init makes the others
    install -m 755 "$root/sw/linux/init" "$4/init"
    install -m 644 "$3" "$4/check"
    cp -r --no-preserve=mode "$2/lib" "$4/lib"
    for file in "${@:5}"; do
        initramfs_install "$file" "$4/bin"
    done
}

# Prints the directory DIR as a cpio archive: sorted, owned by root, all times 0.
initramfs_archive() { # DIR
    find "$1" -exec touch --no-dereference --date=@0 {} +
    (cd "$1" && find . -mindepth 1 -print0 | sort -z |
        cpio --quiet --null --create --format=newc --reproducible --owner=+0:+0)
}

# Makes an initramfs that runs SCRIPT and sets the variable `initramfs` to its path.
initramfs_make() { # BUSYBOX MODULES SCRIPT
    local part name needed
    initramfs_needed "$3"
    name=$(contents_name "$1" "$2" "$3" "${needed[@]}" "$root/sw/linux/init" \
        "$root/scripts/initramfs.sh")
    initramfs=$build/linux/initramfs-$name.cpio
    [[ ! -f $initramfs ]] || return 0
    say "building the initramfs"
    part=$(mktemp -d "$build/linux/initramfs.XXXXXX")
    (umask 022 && initramfs_populate "$1" "$2" "$3" "$part/root" "${needed[@]}")
    initramfs_archive "$part/root" >"$part/cpio"
    mv "$part/cpio" "$initramfs"
    rm -r "$part"
}
