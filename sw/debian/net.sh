#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh net_lib.sh
# packages: openssh-server
# For `vp debian` with --net: the system gets address, route and name server by DHCP, on a virtio function
# behind the SMMU, and sshd answers. With vp.host=PORT on the kernel's command line a web server at that port of
# the host has `data` and `data.sum`, `key.pub`, and a repository with the package `vp-net`. The one who has the
# key logs in then, and says by the file `all-is-well` that it is there too.
# shellcheck disable=SC2317 # `check` calls functions
# shellcheck source=sw/debian/lib.sh
. ./lib.sh
# shellcheck source=sw/debian/net_lib.sh
. ./net_lib.sh

route_is_there() {
    ip -4 route show default | grep "^default via 10\.0\.2\.2 dev $interface proto dhcp"
}

name_server_is_there() {
    resolvectl dns "$interface" | grep -w '10\.0\.2\.3'
}

sshd_answers() {
    busybox nc -w 10 10.0.2.15 22 </dev/null | head -n 1 | grep '^SSH-2\.0-OpenSSH'
}

get() { # FILE
    busybox wget -q -O "$1" "http://10.0.2.2:$port/$1"
}

data_come_as_they_are() {
    get data && get data.sum && sha256sum --check --quiet data.sum
}

apt_installs_from_the_host() {
    echo "deb [trusted=yes] http://10.0.2.2:$port ./" >/etc/apt/sources.list
    apt-get -qq -o Acquire::http::Pipeline-Depth=0 update &&
        apt-get -qq -o Acquire::http::Pipeline-Depth=0 install vp-net >/dev/null &&
        is "$(dpkg-query -W -f '${db:Status-Status} ${Version}' vp-net)" 'installed 1' &&
        is "$(cat /usr/share/vp-net)" 'by the network'
}

key_comes() {
    mkdir -p /root/.ssh && get key.pub && cp key.pub /root/.ssh/authorized_keys
}

host_logs_in() {
    local tries=0
    printf '\nnet: key %s\n' "$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)" # a login writes to the console too
    until [ -e all-is-well ]; do
        tries=$((tries + 1))
        [ "$tries" -le 300 ] || return
        sleep 1
    done
    journalctl --quiet --output=cat --unit=ssh.service | grep -m 1 '^Accepted publickey for root from 10\.0\.2\.2'
}

port=$(asked vp.host)
check 'there is a network on a virtio function' interface_comes
[ "$failed" = 0 ] || exit "$failed"
check 'it is behind the SMMU' interface_is_behind_the_smmu
check 'its address is there by DHCP' address_is_there
check 'the default route is there' route_is_there
check 'the name server is there' name_server_is_there
check 'the router answers' busybox ping -q -c 1 -W 10 10.0.2.2
check 'sshd answers' sshd_answers
if [ -n "$port" ]; then
    check 'data of the host come as they are' data_come_as_they_are
    check 'apt installs a package from the host' apt_installs_from_the_host
    check 'the key of the host comes' key_comes
    check 'the host logs in' host_logs_in
fi
check 'no unit has failed' nothing_has_failed
check 'the kernel has nothing to complain about' kernel_is_content
exit "$failed"
