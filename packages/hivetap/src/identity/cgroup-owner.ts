/** Programs that make containers, as the names of their cgroups tell. */
export type ContainerRuntime = 'containerd' | 'cri-o' | 'docker' | 'podman'

/** Whose a process is, as far as the names of its cgroup and of those above it tell. */
export type CgroupOwner =
  | {
      readonly kind: 'container'
      /** 64 hexadecimal digits, in lower case. */
      readonly containerId: string
      /** Absent where the name does not tell: Kubernetes' cgroupfs driver writes nothing but the id. */
      readonly runtime?: ContainerRuntime
      /** UID of the Kubernetes pod that it is in, with dashes. */
      readonly podUid?: string
    }
  /** In the cgroup of a pod itself, in none of its containers. */
  | { readonly kind: 'pod'; readonly podUid: string }
  /**
   * A unit of systemd: `nginx.service`, `session-4.scope`. A user's own has the user's manager before it, so that it cannot be
   * taken for one of the host's: `user@1000.service/backup.service`.
   */
  | { readonly kind: 'unit'; readonly unit: string }
  /** In no cgroup that tells more: a plain process of the host. */
  | { readonly kind: 'host' }

/** The pod that somebody is in; `undefined` outside Kubernetes, and where the cgroup does not tell. */
export function podUidOf(owner: CgroupOwner): string | undefined {
  return owner.kind === 'container' || owner.kind === 'pod' ? owner.podUid : undefined
}

/** The container that somebody is in. */
export function containerIdOf(owner: CgroupOwner): string | undefined {
  return owner.kind === 'container' ? owner.containerId : undefined
}
