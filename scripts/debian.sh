# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Kernel, busybox and other programs for the guest, from Debian's arm64 packages. Downloads are kept
# in the user's cache directory, what is unpacked of them in build/linux/. Sourced; needs common.sh.
# A set of packages is kept and unpacked together. Its name is that of the release for kernel and
# busybox, RELEASE+PACKAGE for PACKAGE and what that depends on, RELEASE=PACKAGE for PACKAGE alone.
# shellcheck disable=SC2154 # root, build

readonly debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
readonly exit_unreachable=3 # no packages in the cache, and no mirror to fetch them from

unreachable() {
    end_with "$exit_unreachable" "$@"
}

# The directory that keeps a set of packages: .deb files and SHA256SUMS.
debian_cache() { # SET
    local base=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    [[ -n $base ]] || refuse "neither XDG_CACHE_HOME nor HOME says where to keep packages"
    echo "$base/smmu-vp/debian/$1"
}

# Lines "deb ..." for RELEASE, on the mirrors that apt of this machine uses.
debian_sources() { # RELEASE
    local suite uri host_suite
    # shellcheck source=/dev/null
    host_suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016 # apt's own $(NAME)
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' \
        'Created-By: Packages' 'Component: main' | sort -u |
        while read -r suite uri; do
            case $suite in
            "$host_suite" | stable | oldstable)
                echo "deb [signed-by=$debian_keyring] $uri $1 main"
                ;;
            "$host_suite-security" | stable-security | oldstable-security)
                echo "deb [signed-by=$debian_keyring] $uri $1-security main"
                ;;
            esac
        done
}

# Prints the names of the packages of a set. Nothing is installed by the state that apt is given, so
# that it names all that a package depends on.
debian_names() { # SET [OPTION OF APT...]
    local kernel
    if [[ $1 == *+* ]]; then
        apt-get "${@:2}" --simulate --no-install-recommends install "${1#*+}" |
            sed -n 's/^Inst \([^ ]*\) .*/\1/p'
    elif [[ $1 == *=* ]]; then
        echo "${1#*=}"
    else
        # linux-image-arm64 only names the package of the kernel there is at the moment.
        kernel=$(apt-cache "${@:2}" show --no-all-versions linux-image-arm64 |
            sed -n 's/^Depends: \(linux-image-[^ ,]*\).*/\1/p')
        printf '%s\n' "${kernel:-linux-image-arm64}" busybox-static
    fi
}

# Downloads a set of packages into the directory DIR, with an apt state of its own there; on failure
# prints why.
debian_download() { # SET DIR
    local state=$2/apt options names
    options=(
        -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=-
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache"
        -o APT::Architecture=arm64 -o APT::Architectures=arm64
        -o APT::Update::Error-Mode=any -o APT::Sandbox::User=root
        -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Retries=1
    )
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : >"$state/status"
    debian_sources "${1%%[+=]*}" >"$state/sources.list"
    [[ -s $state/sources.list ]] || {
        echo "apt of this machine knows no Debian mirror"
        return 1
    }
    apt-get -qq "${options[@]}" update 2>&1 || return 1
    names=$(debian_names "$1" "${options[@]}" 2>"$state/complaints") || {
        cat "$state/complaints"
        return 1
    }
    # shellcheck disable=SC2086 # the names are words
    (cd "$2" && apt-get -qq "${options[@]}" download $names 2>&1 &&
        sha256sum -- *.deb >SHA256SUMS) || return 1
    rm -r "$state"
}

# What a set is called in messages.
debian_title() { # SET
    if [[ $1 == *[+=]* ]]; then
        echo "${1#*[+=]} of Debian ${1%%[+=]*}"
    else
        echo "the arm64 kernel and busybox of Debian $1"
    fi
}

# Puts a set of packages into the cache, unless it is there.
debian_fetch() { # SET
    local cache part lock reason
    cache=$(debian_cache "$1")
    [[ ! -f $cache/SHA256SUMS ]] || return 0
    mkdir -p "$(dirname "$cache")"
    exec {lock}>"$cache.lock"
    flock "$lock"
    if [[ ! -f $cache/SHA256SUMS ]]; then
        say "fetching $(debian_title "$1"), once"
        part=$cache.part
        rm -rf "$part" "$cache"
        mkdir -p "$part"
        reason=$(debian_download "$1" "$part") || {
            reason=$(grep -m 1 '^E:' <<<"$reason" || echo "$reason")
            unreachable "$(debian_title "$1") cannot be fetched: ${reason#E: }"
        }
        mv "$part" "$cache"
    fi
    exec {lock}>&-
}

# The modules named in sw/linux/modules and all they need, from the tree of modules below FROM, to
# TO/lib/modules/VERSION, with the tables that modprobe reads. Compressed ones are unpacked: the
# modprobe of busybox cannot.
debian_select_modules() { # FROM TO
    local version names tables path copy
    version=$(ls "$1/lib/modules")
    tables=lib/modules/$version
    mapfile -t names < <(grep -v '^#' "$root/sw/linux/modules")
    /sbin/depmod --basedir "$1" "$version"
    while read -r _ path _; do
        copy=$2/${path#"$1/"}
        mkdir -p "$(dirname "$copy")"
        cp "$path" "$copy"
        [[ $copy != *.xz ]] || xz --decompress "$copy"
    done < <(/sbin/modprobe --dirname "$1" --set-version "$version" --show-depends --all \
        "${names[@]}" | sort -u)
    cp "$1/$tables"/modules.{order,builtin,builtin.modinfo} "$2/$tables/"
    /sbin/depmod --basedir "$2" "$version"
    find "$2/$tables" -maxdepth 1 -type f ! -name modules.dep ! -name modules.alias \
        ! -name modules.softdep ! -name modules.symbols -delete
}

# Unpacks what matches the patterns of DEB into DIR. Newer releases keep under usr/ what older ones
# have at the top.
debian_extract() { # DEB DIR PATTERN...
    mkdir -p "$2"
    dpkg-deb --fsys-tarfile "$1" |
        tar -x -C "$2" --transform 's,^\./usr/,./,' --wildcards "${@:3}"
}

debian_unpack_kernel() { # CACHE DIR
    local kernel busybox
    kernel=$(echo "$1"/linux-image-*.deb)
    busybox=$(echo "$1"/busybox-static_*.deb)
    say "unpacking $(basename "$kernel")"
    debian_extract "$kernel" "$2/all" './boot/vmlinuz-*' '*.ko*' '*/modules.*'
    debian_extract "$busybox" "$2/all" '*/bin/busybox'
    mv "$2"/all/boot/vmlinuz-* "$2/vmlinuz"
    mv "$2/all/bin/busybox" "$2/busybox"
    debian_select_modules "$2/all" "$2/modules"
    rm -r "$2/all"
}

# Copies the shared libraries that programs need, and those that these need, from the tree FROM to
# the directory TO.
debian_select_libraries() { # FROM TO PROGRAM...
    local name path
    while read -r name; do
        [[ ! -e $2/$name ]] || continue
        path=$(find "$1" -name "$name" -print -quit)
        [[ -n $path ]] || fail "no package has $name, which ${*:3} need"
        cp -L "$path" "$2/"
        debian_select_libraries "$1" "$2" "$2/$name"
    done < <(readelf -d "${@:3}" 2>/dev/null | sed -nE 's/.*\(NEEDED\).*\[(.*)\]$/\1/p' | sort -u)
}

debian_unpack_programs() { # CACHE DIR PACKAGE
    local package programs
    say "unpacking $3"
    for package in "$1"/*.deb; do
        debian_extract "$package" "$2/all" '*'
    done
    debian_extract "$1/$3"_*.deb "$2/own" '*'
    mapfile -d '' programs < <(find "$2/own" -path "$2/own/*bin/*" ! -type d -print0)
    ((${#programs[@]})) || fail "the package $3 has no programs"
    mkdir -p "$2"/root/{bin,lib}
    mv -t "$2/root/bin" "${programs[@]}"
    debian_select_libraries "$2/all" "$2/root/lib" "$2"/root/bin/*
    rm -r "$2/all" "$2/own"
}

debian_unpack() { # SET CACHE DIR
    if [[ $1 == *+* ]]; then
        debian_unpack_programs "$2" "$3" "${1#*+}"
    elif [[ $1 == *=* ]]; then
        say "unpacking ${1#*=}"
        debian_extract "$2"/*.deb "$3/root" '*'
    else
        debian_unpack_kernel "$2" "$3"
    fi
}

# Makes build/linux/SET: for a release vmlinuz, busybox and modules/lib/modules/VERSION; otherwise
# root/, with the programs of the package in bin/ and the libraries they need in lib/, or with all
# that a package alone has.
debian_prepare() { # SET
    local cache dir=$build/linux/$1 lock wanted
    debian_fetch "$1"
    cache=$(debian_cache "$1")
    mkdir -p "$build/linux"
    exec {lock}>"$dir.lock"
    flock "$lock"
    wanted=$(cat "$cache/SHA256SUMS" "$root/sw/linux/modules")
    if [[ ! -f $dir/made-of || $(<"$dir/made-of") != "$wanted" ]]; then
        (cd "$cache" && sha256sum --check --quiet SHA256SUMS >&2) ||
            fail "$cache is damaged: delete it"
        rm -rf "$dir"
        debian_unpack "$1" "$cache" "$dir"
        printf '%s\n' "$wanted" >"$dir/made-of"
    fi
    exec {lock}>&-
}
