#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# Configures the packages of a guest that the host has unpacked, in its root directory, before it is booted.
set -e

export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
    DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C.UTF-8

unpacked() {
    dpkg-query -W -f '${db:Status-Status} ${binary:Package}\n' | sed -n 's/^unpacked //p'
}

# What comes before a package is unpacked, and has not been run yet.
preinst() { # PACKAGE
    local script=/var/lib/dpkg/info/$1.preinst
    [ -x "$script" ] || return 0
    DPKG_MAINTSCRIPT_PACKAGE=${1%:*} DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 DPKG_MAINTSCRIPT_NAME=preinst \
        DPKG_MAINTSCRIPT_ARCH=arm64 DPKG_ADMINDIR=/var/lib/dpkg DPKG_ROOT='' "$script" install
}

printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d # no service is started
chmod 755 /usr/sbin/policy-rc.d
sed -i 's/^update_initramfs=.*/update_initramfs=no/' /etc/initramfs-tools/update-initramfs.conf
preinst base-passwd
for each in $(unpacked); do
    [ "$each" = base-passwd ] || preinst "$each"
done
dpkg --force-depends --configure base-passwd base-files
dpkg --force-unsafe-io --configure --pending
rm /usr/sbin/policy-rc.d

dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | grep -v '^ii ' && exit 1

systemctl enable systemd-networkd.service systemd-resolved.service vp-script.service
systemctl disable systemd-networkd-wait-online.service # a machine may have no network
systemctl mask apt-daily.timer apt-daily-upgrade.timer
passwd -d root
touch /etc/.updated /var/.updated # no boot has anything to rebuild
: >/etc/machine-id # the first boot makes one
sync
