# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Kernel, busybox and other programs for the guest, from Debian's arm64 packages. Downloads are kept
# in the user's cache directory, what is unpacked of them in build/linux/. Sourced; needs common.sh.
# A set of packages is kept and unpacked together. Its name is that of the release for kernel and
# busybox, RELEASE@FLAVOUR for a kernel of another flavour and busybox, RELEASE+PACKAGE for PACKAGE and
# what that depends on, RELEASE=PACKAGE for PACKAGE alone, RELEASE:PACKAGE,... for a whole system with these
# PACKAGEs (image.sh).
# shellcheck disable=SC2154 # root, build

readonly debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
readonly exit_unreachable=3 # no packages in the cache, and no mirror to fetch them from

# The package that depends on all that a kernel consists of is linux-image- and this, by flavour.
declare -rA debian_kernels=([16k]=arm64-16k [cloud]=cloud-arm64 [rt]=rt-arm64)

unreachable() {
    end_with "$exit_unreachable" "$@"
}

# What is kept for the user, whatever tree it is for.
user_cache() { # PATH
    local base=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    [[ -n $base ]] || refuse "neither XDG_CACHE_HOME nor HOME says where to keep packages"
    echo "$base/smmu-vp/$1"
}

# The directory that keeps a set of packages: .deb files and SHA256SUMS.
debian_cache() { # SET
    user_cache "debian/$1"
}

# What a system of RELEASE:PACKAGE,... has besides: all that is essential or required, an init, a kernel, a
# network to be had, and what a busybox is for.
readonly debian_system=(
    '?essential' '?priority(required)' apt busybox-static dbus iproute2 kmod linux-image-arm64 netbase
    pciutils systemd-resolved systemd-sysv udev usr-is-merged
)

# The release that a set is of.
debian_release() { # SET
    echo "${1%%[@+=:]*}"
}

# The release that has programs for the kernel of a set: backports are few, and complete another one.
debian_base() { # SET
    local release
    release=$(debian_release "$1")
    echo "${release%-backports}"
}

# Lines "deb ..." for the release of a set, on the mirrors that apt of this machine uses.
debian_sources() { # SET
    local suite uri host_suite release base
    release=$(debian_release "$1")
    base=$(debian_base "$1")
    # shellcheck source=/dev/null
    host_suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016 # apt's own $(NAME)
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' \
        'Created-By: Packages' 'Component: main' | sort -u |
        while read -r suite uri; do
            case $suite in
            "$host_suite" | stable | oldstable)
                echo "deb [signed-by=$debian_keyring] $uri $base main"
                [[ $release == "$base" ]] ||
                    echo "deb [signed-by=$debian_keyring] $uri $release main"
                ;;
            "$host_suite-security" | stable-security | oldstable-security)
                echo "deb [signed-by=$debian_keyring] $uri $base-security main"
                ;;
            esac
        done
}

# Prints the names of all packages that apt would install for PACKAGEs. Nothing is installed by the
# state that apt is given, so that they are all that the PACKAGEs depend on.
debian_closure() { # OPTION OF APT... install PACKAGE...
    apt-get --simulate --no-install-recommends "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}

# Prints the names of the packages of a set. Which ones a kernel consists of differs from release to
# release; their names begin with linux-.
debian_names() { # SET [OPTION OF APT...]
    local kernel=arm64 more
    case $1 in
    *:*)
        IFS=, read -ra more <<<"${1#*:}"
        debian_closure "${@:2}" install "${debian_system[@]}" "${more[@]}"
        ;;
    *+*) debian_closure "${@:2}" install "${1#*+}" ;;
    *=*) echo "${1#*=}" ;;
    *)
        [[ $1 != *@* ]] || kernel=${debian_kernels[${1#*@}]}
        debian_closure "${@:2}" install "linux-image-$kernel" busybox-static |
            grep -E '^(linux-|busybox-static$)'
        ;;
    esac
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
    [[ $1 != *-backports* ]] || options+=(-o APT::Default-Release="$(debian_release "$1")")
    debian_sources "$1" >"$state/sources.list"
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
    case $1 in
    *:) echo "a system of Debian ${1%:}" ;;
    *:*) echo "a system of Debian ${1%%:*} with ${1#*:}" ;;
    *[+=]*) echo "${1#*[+=]} of Debian ${1%%[+=]*}" ;;
    *@*) echo "the arm64 kernel of flavour ${1#*@} and busybox of Debian ${1%@*}" ;;
    *) echo "the arm64 kernel and busybox of Debian $1" ;;
    esac
}

# What is in the cache is what was fetched.
debian_check_cache() { # CACHE
    (cd "$1" && sha256sum --check --quiet SHA256SUMS >&2) || fail "$1 is damaged: delete it"
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
            rm -rf "$part"
            unreachable "$(debian_title "$1") cannot be fetched: ${reason#E: }"
        }
        mv "$part" "$cache"
    fi
    exec {lock}>&-
}

# Copies MODULE; a compressed one is unpacked, which the modprobe of busybox cannot.
debian_copy_module() { # MODULE TO
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2"
    case $2 in
    *.ko) ;;
    *.ko.xz) xz --decompress "$2" ;;
    *) fail "$1 is compressed in a way that is not known here" ;;
    esac
}

# The modules named in sw/linux/modules and all they need, but for what is built into the kernel, from the
# tree of modules below FROM, to TO/lib/modules/VERSION, with the tables that modprobe reads.
debian_select_modules() { # FROM TO
    local version names tables needed kind path
    version=$(ls "$1/lib/modules")
    tables=lib/modules/$version
    mapfile -t names < <(grep -v '^#' "$root/sw/linux/modules")
    /sbin/depmod --basedir "$1" "$version"
    needed=$(/sbin/modprobe --dirname "$1" --set-version "$version" --show-depends --all \
        "${names[@]}") || fail "kernel $version lacks a module that sw/linux/modules names"
    mkdir -p "$2/$tables"
    while read -r kind path _; do
        [[ $kind == builtin ]] || debian_copy_module "$path" "$2/${path#"$1/"}"
    done < <(sort -u <<<"$needed")
    cp "$1/$tables"/modules.{order,builtin,builtin.modinfo} "$2/$tables/"
    /sbin/depmod --basedir "$2" "$version"
    find "$2/$tables" -maxdepth 1 -type f ! -name modules.dep ! -name modules.alias \
        ! -name modules.softdep ! -name modules.symbols ! -name modules.builtin -delete
}

# Unpacks DEB into DIR. Newer releases keep under usr/ what older ones have at the top.
debian_extract() { # DEB DIR
    mkdir -p "$2"
    dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --transform 's,^\./usr/,./,'
}

# In which package image and modules are, and where, differs from release to release.
debian_unpack_kernel() { # CACHE DIR
    local package images
    for package in "$1"/*.deb; do
        debian_extract "$package" "$2/all"
    done
    mapfile -t images < <(find "$2/all" -type f -name 'vmlinuz*')
    ((${#images[@]} == 1)) || fail "$1 has ${#images[@]} kernels instead of one"
    mv "${images[0]}" "$2/vmlinuz"
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
    for package in "$1"/*.deb; do
        debian_extract "$package" "$2/all"
    done
    debian_extract "$1/$3"_*.deb "$2/own"
    mapfile -d '' programs < <(find "$2/own" -path "$2/own/*bin/*" ! -type d -print0)
    ((${#programs[@]})) || fail "the package $3 has no programs"
    mkdir -p "$2"/root/{bin,lib}
    mv -t "$2/root/bin" "${programs[@]}"
    debian_select_libraries "$2/all" "$2/root/lib" "$2"/root/bin/*
    rm -r "$2/all" "$2/own"
}

debian_unpack() { # SET CACHE DIR
    say "unpacking $(debian_title "$1")"
    case $1 in
    *+*) debian_unpack_programs "$2" "$3" "${1#*+}" ;;
    *=*) debian_extract "$2"/*.deb "$3/root" ;;
    *) debian_unpack_kernel "$2" "$3" ;;
    esac
}

# Makes build/linux/SET: for a kernel vmlinuz, busybox and modules/lib/modules/VERSION; otherwise
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
        debian_check_cache "$cache"
        rm -rf "$dir"
        debian_unpack "$1" "$cache" "$dir"
        printf '%s\n' "$wanted" >"$dir/made-of"
    fi
    exec {lock}>&-
}
