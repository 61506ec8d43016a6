import { LoopbackSocket } from '@hivetap/bpf'
import { findOffsets, type SocketLayout, type SocketSample } from './find-offsets.js'
import { socketLayout as object } from './socket-layout.bpf.js'

/** Connections made to learn from: each gives a round trip of its own. */
const ANSWERED = 8
const REFUSED = 3

let learned: SocketLayout | undefined

/**
 * Learns where this kernel keeps what of a socket its tracepoints do not tell, for kernels that have no BTF: by
 * connections of our own on loopback, of which we know the error and the round trip. It takes some milliseconds, once.
 *
 * @returns what was found; nothing where connections on loopback cannot be made
 * @throws {BpfError} if the program that looks at them cannot be loaded or attached
 */
export function learnSocketLayout(): SocketLayout {
  learned ??= findOffsets(sampleConnects())
  return learned
}

/** Makes connections to a port that is listened on and to one that is not, and looks at each at its end. */
function sampleConnects(): SocketSample[] {
  using listener = new LoopbackSocket()
  using refuser = new LoopbackSocket()
  const answeredPort = listener.bind(true)
  const refusedPort = refuser.bind(false)
  using loaded = object.load({ constants: { answeredPort, refusedPort }, kernelBtf: 'none' })
  loaded.programs.onChange.attach()
  const ports = [
    ...new Array<number>(ANSWERED).fill(answeredPort),
    ...new Array<number>(REFUSED).fill(refusedPort),
  ]
  return ports.flatMap((port) => {
    using socket = new LoopbackSocket()
    const error = -socket.connect(port)
    const rttUs = error === 0 ? socket.rttUs() : undefined
    const seen = loaded.maps.samples.get(0)
    // Of a socket that failed the port is gone: it is only compared where it is still there.
    const isOurs =
      seen !== undefined && seen.state !== 0 && (error !== 0 || seen.sourcePort === socket.localPort())
    return isOurs ? [{ bytes: seen.bytes, error, rttUs }] : []
  })
}
