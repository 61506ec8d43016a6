import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Another program's end of a Unix datagram socket: what it received, as JSON, a line each. */
const PROGRAM = `
import json, socket, sys, time
name, reads = sys.argv[1], sys.argv[2] == 'reads'
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + name[1:] if name[0] == '@' else name)
print(json.dumps('bound'), flush=True)
while True:
    if reads: print(json.dumps(s.recv(65536).decode()), flush=True)
    else: time.sleep(1)
`

/** A receiver of datagrams in a process of its own: Node has none. */
export class DatagramReceiver {
  readonly received: string[] = []
  readonly #child: ChildProcess
  #wake: () => void = () => undefined

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async bind(name: string, { reads = true } = {}): Promise<DatagramReceiver> {
    const child = spawn('python3', ['-c', PROGRAM, name, reads ? 'reads' : 'sleeps'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const receiver = new DatagramReceiver(child)
    const lines = createInterface({ input: child.stdout })
    await once(lines, 'line')
    lines.on('line', (line) => {
      receiver.received.push(JSON.parse(line) as string)
      receiver.#wake()
    })
    return receiver
  }

  /** Waits until what was received is as wanted. */
  async until(isEnough: (received: readonly string[]) => boolean): Promise<void> {
    while (!isEnough(this.received))
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }

  async close(): Promise<void> {
    const end = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await end
  }
}
