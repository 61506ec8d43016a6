// @ts-check
import { createHash } from 'node:crypto'

/** Whose the connects of a fleet are: each program on each node is a pod, each destination a Service. */
export class FleetNames {
  /** @type {Map<string, Record<string, string>>} by node and program */
  #pods = new Map()

  /**
   * @param {number} node
   * @param {{ comm: string | undefined, destination_address: string, destination_port: number | undefined }} event
   */
  of(node, { comm = '', destination_address: address }) {
    const key = `${node} ${comm}`
    let pod = this.#pods.get(key)
    if (pod === undefined) {
      pod = podOf(node, comm)
      this.#pods.set(key, pod)
    }
    const service = `service-${address.split('.').slice(2).join('-')}`
    return {
      ...pod,
      ...{
        destination_service: service,
        destination_service_namespace: 'shop',
        destination_service_port: 'main',
      },
    }
  }
}

/**
 * @param {number} node
 * @param {string} comm
 */
function podOf(node, comm) {
  const digits = createHash('sha256').update(`${node} ${comm}`).digest('hex')
  const uid = digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
  return {
    container_id: digits,
    container_runtime: 'containerd',
    k8s_namespace: 'shop',
    k8s_pod: `${comm}-${digits.slice(0, 10)}-${digits.slice(10, 15)}`,
    k8s_pod_uid: uid,
    k8s_node: `node-${node}`,
    k8s_container: comm,
    k8s_image: `registry.example/shop/${comm}:1.2.3`,
    k8s_workload_kind: 'Deployment',
    k8s_workload: comm,
  }
}
