import { describe, expect, it } from 'vitest'
import { POD_SOURCE } from '../../../../test/support/identities.js'
import { IdentityJson } from './identity-json.js'

const told = (text: string) => JSON.parse(`{"tool":"t"${text}}`)

describe('IdentityJson', () => {
  it('tells a pod, its container and its workload', () => {
    const text = new IdentityJson().text({ process: undefined, source: POD_SOURCE, farEnd: undefined })
    expect(told(text)).toEqual({
      tool: 't',
      container_id: 'c'.repeat(64),
      container_runtime: 'containerd',
      k8s_namespace: 'shop',
      k8s_pod: 'checkout-1',
      k8s_pod_uid: '011fdc60-6b49-4af7-9b06-73b1566a4f76',
      k8s_node: 'n1',
      k8s_container: 'app',
      k8s_image: 'shop/checkout:1',
      k8s_workload_kind: 'Deployment',
      k8s_workload: 'checkout',
      k8s_labels: ['app=checkout'],
    })
  })

  it('says of a pod whose names are not known that they are not', () => {
    const { pod: _, ...source } = POD_SOURCE
    expect(told(new IdentityJson().text({ process: undefined, source, farEnd: undefined }))).toMatchObject({
      k8s_pod_uid: '011fdc60-6b49-4af7-9b06-73b1566a4f76',
      k8s_unresolved: true,
    })
  })

  it('tells a unit, and nothing of a plain process', () => {
    const json = new IdentityJson()
    const source = { owner: { kind: 'unit', unit: 'nginx.service' } } as const
    expect(told(json.text({ process: undefined, source, farEnd: undefined }))).toEqual({
      tool: 't',
      unit: 'nginx.service',
    })
    expect(json.text({ process: undefined, source: { owner: { kind: 'host' } }, farEnd: undefined })).toBe('')
    expect(json.text({ process: undefined, source: undefined, farEnd: undefined })).toBe('')
  })

  it('tells which process it was', () => {
    const json = new IdentityJson()
    const process = { start: '2026-11-28T05:00:00.123Z', executable: '/usr/bin/\u202ea b' }
    const identity = {
      process,
      source: { owner: { kind: 'unit', unit: 'a.service' } },
      farEnd: undefined,
    } as const
    for (let times = 0; times < 2; times++)
      expect(told(json.text(identity))).toEqual({
        tool: 't',
        process_start: process.start,
        exe: process.executable,
        unit: 'a.service',
      })
    expect(told(json.text({ ...identity, source: undefined }))).toEqual({
      tool: 't',
      process_start: process.start,
      exe: process.executable,
    })
  })

  it('tells what was connected to, and escapes what others have written', () => {
    const farEnd = {
      service: { namespace: 'shop', name: 'cart"\u202e', portName: 'http' },
      pod: { namespace: 'shop', name: 'cart-1' },
      node: 'n2',
    }
    const text = new IdentityJson().text({ process: undefined, source: undefined, farEnd })
    expect(text).toContain('\\u202e')
    expect(told(text)).toEqual({
      tool: 't',
      destination_service: 'cart"\u202e',
      destination_service_namespace: 'shop',
      destination_service_port: 'http',
      destination_pod: 'cart-1',
      destination_pod_namespace: 'shop',
      destination_node: 'n2',
    })
  })
})
