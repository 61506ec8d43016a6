#!/bin/sh
# The first process of a guest: mounts what a host has, runs what the command line names, prints its status, and ends.
export PATH=/usr/bin:/bin HOME=/tmp NODE_DISABLE_COMPILE_CACHE=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /run/netns
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# As a distribution does at boot. It stays mounted: under lockdown=confidentiality Linux 6.12 crashes when its last mount goes.
mount -t tracefs tracefs /sys/kernel/tracing
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
chmod 1777 /tmp
ip link set lo up
echo 1 4 1 7 >/proc/sys/kernel/printk
for module in /modules/*.ko; do insmod "$module"; done
# Debian's level, which a distribution sets at boot.
echo 3 >/proc/sys/kernel/perf_event_paranoid
# hivetap.run=PROGRAM,ARGUMENT,…: what is run.
run=$(sed -n 's/.*hivetap\.run=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')
echo "##KERNEL $(sed 's/.*Debian \([^ ]*\) .*/\1/;s/^Linux version \([^ ]*\) .*/\1/' /proc/version)"
cd /hivetap || exit 1
# shellcheck disable=SC2086 # words of it are arguments
node $run </dev/null
echo "##EXIT $?"
poweroff -f
