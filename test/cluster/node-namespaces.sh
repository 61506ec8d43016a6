#!/bin/sh
# Runs first in the namespaces of a node (network, mount and uts) and stays, so that they do: puts the node's own folders
# where a machine that is one node has them.
#   node-namespaces.sh NAME FOLDER PLACE FOLDER PLACE …
set -eu
hostname "$1"
shift
# Of what is mounted for pods the containers of this node see what they should, and nobody else anything.
mount --make-rshared /
while [ $# -gt 1 ]; do
  mkdir -p "$2"
  mount --bind "$1" "$2"
  shift 2
done
# CNI keeps the network namespaces of pods there.
mount -t tmpfs tmpfs /run/netns
# Where this kernel lets them be mounted, each node has its own, whatever the machine has: pins of one are none of another's.
mount -t bpf bpf /sys/fs/bpf 2>/dev/null || true
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || true
exec sleep infinity
