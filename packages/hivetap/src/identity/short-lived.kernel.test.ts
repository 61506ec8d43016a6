import { openKernelBtf } from '@hivetap/bpf'
import { expect, it } from 'vitest'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { canRunContainers, TestContainer } from '../../../../test/support/runc.js'
import type { ConnectEvent } from '../probes/connects/connect-event.js'
import { openTool } from '../probes/open-tool.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import type { Session } from '../probes/tool.js'
import { CgroupResolver } from './cgroups/cgroup-resolver.js'
import { KeptNames } from './cgroups/kept-names.js'

const UID = '011fdc60-6b49-4af7-9b06-73b1566a4f76'
const ID = '3f1c5b7a9d02e4f6081a2c3e5d7f90b1a2c4e6f8091b3d5f7a9c0e2d4f6a8b1c'
const TIMES = 1000
const LOOP = `i=0; while [ $i -lt ${TIMES} ]; do /bin/busybox nc -w 1 127.0.0.1 7 < /dev/null; i=$((i+1)); done; true`

describeKernelIf(canRunContainers() && openKernelBtf() !== undefined)(
  'processes that live for a moment',
  () => {
    it(`are told by their container, ${TIMES} in a row, when all of them are gone`, () => {
      const container = new TestContainer(
        `/hivetap-test-container-${process.pid}/kubepods/burstable/pod${UID}/${ID}`,
      )
      const { session } = openTool(tcpconnlat, { failed: true }, {})
      const events: ConnectEvent[] = []
      try {
        container.run('sh', '-c', LOOP)
        // Whoever else connects meanwhile is told of too.
        ;(session as Session<ConnectEvent>).events.drain((event) => {
          if (event.destinationPort === 7 && event.destinationAddress === '127.0.0.1') events.push(event)
        })
      } finally {
        container.close()
      }
      const source = new KeptNames()
      source.add(session)
      const resolver = new CgroupResolver({ source, proc: '/nowhere' })
      try {
        const owners = events.map((event) => resolver.ownerOf(event.cgroupKey, event.pid, event.timeNs))
        expect(new Set(events.map(({ pid }) => pid)).size).toBe(TIMES)
        expect(owners).toHaveLength(TIMES)
        for (const owner of owners) expect(owner).toEqual({ kind: 'container', containerId: ID, podUid: UID })
        expect(resolver.counts()).toMatchObject({ source: 1, cached: TIMES - 1, unresolved: 0 })
      } finally {
        resolver.close()
        session.close()
      }
    })
  },
)
