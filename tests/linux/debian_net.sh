#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# debian_net.sh SMMU_VP BUILD TEST [OPTION...]: `vp debian` with a network. While the system runs, it gets data and
# a package from a web server of this side, which logs in by ssh, at a port of the host.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
# shellcheck source=tests/linux/system_support.sh
. "$root/tests/linux/system_support.sh"
# shellcheck source=tests/linux/peer.sh
. "$root/tests/linux/peer.sh"

readonly sent_bytes=3000000

# Makes what net.sh wants of the web server.
make_site() { # DIR
    mkdir -p "$1" package/DEBIAN package/usr/share
    head -c "$sent_bytes" "$program" >"$1/data"
    (cd "$1" && sha256sum data >data.sum)
    ssh-keygen -q -t ed25519 -N '' -C vp -f key
    cp key.pub "$1/"
    printf '%s\n' 'Package: vp-net' 'Version: 1' 'Architecture: all' 'Maintainer: Nobody <nobody@example.org>' \
        'Description: a file' >package/DEBIAN/control
    echo 'by the network' >package/usr/share/vp-net
    dpkg-deb --root-owner-group --build package "$1/vp-net_1_all.deb" >/dev/null
    (cd "$1" && apt-ftparchive packages . >Packages)
}

# Runs COMMAND in the guest, whose key has to be that of the file known_hosts.
guest() { # PORT COMMAND
    ssh -F none -p "$1" -i key -o BatchMode=yes -o StrictHostKeyChecking=yes -o HostKeyAlgorithms=ssh-ed25519 \
        -o UserKnownHostsFile="$PWD/known_hosts" -o GlobalKnownHostsFile=none root@127.0.0.1 "$2"
}

# The other end: the guest says by its console which key it has.
peer() { # DIR
    local port key
    key=$(wait_for_line "$1/console.log" '^net: key (.+)$')
    port=$(port_of 22)
    printf '[127.0.0.1]:%s %s\n' "$port" "$key" >known_hosts
    guest "$port" 'cat >sent' <site/data
    guest "$port" 'cat sent' >got
    cmp site/data got
    guest "$port" 'touch /run/vp/all-is-well'
}

needs_installed ssh ssh-keygen apt-ftparchive
make_site site
exec {served}< <(exec "$root/tests/linux/serve.pl" site)
server=$!
trap 'kill "$server"' EXIT
read -r web <&"$served" || fail "there is no web server"
run_debian --net user,hostfwd=tcp::0-:22 --script "$root/sw/debian/net.sh" \
    --append "vp.host=$web" "${@:4}"
for counter in breakdowns frames-dropped; do
    expect_line boot-1/stats.txt "^pcie@4010000000\.net@[0-9]+,0\.$counter 0$"
done
say "a Debian system uses its network"
