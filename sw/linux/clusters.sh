# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# For `./vp linux --dts platform/dts/virt-clusters.dts --script`: CPUs of two clusters, the interrupts
# they send each other, and those of devices that go to the CPU they have to. Ends at the first thing
# that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

[ "$(nproc)" = 4 ]
for cpu in 1:0x0000000001 2:0x0000000100 3:0x0000000101; do
    dmesg | grep "CPU${cpu%:*}: Booted secondary processor ${cpu#*:}"
done
[ "$(cat /sys/devices/system/cpu/cpu1/topology/cluster_cpus_list)" = 0-1 ]
[ "$(cat /sys/devices/system/cpu/cpu2/topology/cluster_cpus_list)" = 2-3 ]

mask() { # CPU
    printf %x $((1 << $1))
}

# How often an interrupt came to a CPU: the row of /proc/interrupts that matches.
arrivals() { # ROW CPU
    awk -v row="$1" -v column=$(($2 + 2)) '$0 ~ row { print $column }' /proc/interrupts
}

for cpu in 0 1 2 3; do
    before=$(arrivals 'IPI0:' $cpu)
    # Work that others begin there has it rescheduled.
    for _ in 1 2 3 4; do
        taskset "$(mask $cpu)" sleep 0.01
    done
    after=$(arrivals 'IPI0:' $cpu)
    echo "cpu$cpu: $((after - before)) interrupts of other CPUs"
    [ $cpu = 0 ] || [ "$after" -gt "$before" ]
done

# A queue of the NVMe controller for each CPU: message-signalled, through the ITS.
modprobe nvme
wait_for /dev/nvme0n1
for cpu in 0 1 2 3; do
    row=nvme0q$((cpu + 1))
    before=$(arrivals "$row" $cpu)
    taskset "$(mask $cpu)" dd if=/dev/nvme0n1 of=/dev/null bs=4096 count=8 skip=$((cpu * 1024)) \
        2>/dev/null
    after=$(arrivals "$row" $cpu)
    echo "cpu$cpu: $((after - before)) interrupts of its queue"
    [ "$after" -gt "$before" ]
done

# The clock's alarm: an SPI.
irq=$(sed -n 's/^ *\([0-9]*\):.*rtc-pl031.*/\1/p' /proc/interrupts)
for cpu in 2 1; do
    echo $cpu >"/proc/irq/$irq/smp_affinity_list"
    before=$(arrivals rtc-pl031 $cpu)
    echo +1 >/sys/class/rtc/rtc0/wakealarm
    sleep 2
    after=$(arrivals rtc-pl031 $cpu)
    echo "cpu$cpu: $((after - before)) alarms"
    [ "$after" -gt "$before" ]
done
kernel_never_said "$complaints"
echo "clusters: the kernel lives on"
