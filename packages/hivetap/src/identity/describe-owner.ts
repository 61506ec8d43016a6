import type { CgroupOwner } from './cgroup-owner.js'

/** So much of a container's id as its runtime's own tools show. */
const SHORT_ID = 12

/** Whose a cgroup is, for people: `container 3f1c5b7a9d02 (containerd) of pod 011fdc60-…`, `nginx.service`, `host`. */
export function describeOwner(owner: CgroupOwner): string {
  switch (owner.kind) {
    case 'container': {
      const runtime = owner.runtime === undefined ? '' : ` (${owner.runtime})`
      const pod = owner.podUid === undefined ? '' : ` of pod ${owner.podUid}`
      return `container ${owner.containerId.slice(0, SHORT_ID)}${runtime}${pod}`
    }
    case 'pod':
      return `pod ${owner.podUid}`
    case 'unit':
      return owner.unit
    case 'host':
      return 'host'
  }
}
