// @ts-check
/** The events of flood.bpf.o, as an agent's buffer hands them out: of one tool, decoded by its own decoder. */
import { readFileSync } from 'node:fs'
import { loadObject, readObject } from '../../packages/bpf/dist/index.js'
import { connectEvent } from '../../packages/hivetap/dist/probes/tcpconnlat/tcpconnlat.bpf.js'

/**
 * @param {string} file flood.bpf.o
 * @param {string} producer pid of the process whose system calls make events
 */
export function openFlood(file, producer) {
  const object = loadObject(readObject(readFileSync(file)), { constants: { producer: Number(producer) } })
  const records = object.records('events', {
    size: connectEvent.size,
    read(view, at) {
      const event = connectEvent.read(view, at)
      return event === undefined ? undefined : { toolIndex: 0, event }
    },
  })
  const link = object.program('on_call').attach()
  return { object, records, detach: () => link.close() }
}
