import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What a proxy does with what passes. */
export type ProxyFault =
  | { readonly kind: 'none' }
  /** Cuts a connection once so many bytes of it have gone to the broker: in the middle of a request. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The request arrives, and the connection is cut before its answer: what was delivered is not known. */
  | { readonly kind: 'cut_answers'; readonly afterBytes: number }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Takes connections and whatever is sent, and never answers. */
  | { readonly kind: 'silent' }
  /** Answers whatever is sent with these bytes. */
  | { readonly kind: 'garbage'; readonly bytes: Uint8Array }
  /** Ends each connection as it comes. */
  | { readonly kind: 'refuse' }

/** Stands between clients and a broker, and does to their connections what networks do. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: number
  /** Since it was started: connections that were made to it, bytes that clients sent, and bytes that brokers answered. */
  connections = 0
  bytesSent = 0
  bytesAnswered = 0
  #fault: ProxyFault = { kind: 'none' }

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
    server.on('connection', (client) => this.#serve(client))
  }

  /** Listens on a port that the system gives, in front of a port of 127.0.0.1. */
  static async start(target = 0): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpProxy(server, target)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections that are open, to it and from it. */
  get sockets(): number {
    return this.#sockets.size
  }

  forwardTo(port: number): void {
    this.#target = port
  }

  /** From now on; connections that are open are cut, unless they are told to stay. */
  set(fault: ProxyFault, options: { readonly keepConnections?: boolean } = {}): void {
    this.#fault = fault
    if (options.keepConnections !== true) this.cut()
  }

  /** Cuts all connections, at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    if (this.#server.listening) await once(this.#server.close(), 'close')
  }

  #serve(client: Socket): void {
    this.connections++
    this.#keep(client)
    if (this.#fault.kind === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const broker = this.#keep(connect(this.#target, '127.0.0.1'))
    client.on('close', () => broker.destroy())
    broker.on('close', () => client.destroy())
    let sent = 0
    let answered = 0
    client.on('data', (chunk) => {
      this.bytesSent += chunk.length
      const fault = this.#fault
      if (fault.kind === 'silent') return
      if (fault.kind === 'garbage') {
        client.write(fault.bytes)
        return
      }
      if (fault.kind === 'cut' && sent + chunk.length >= fault.afterBytes) {
        broker.end(chunk.subarray(0, Math.max(fault.afterBytes - sent, 0)), () => client.destroy())
        sent = fault.afterBytes
        return
      }
      sent += chunk.length
      this.#pass(chunk, broker)
    })
    broker.on('data', (chunk) => {
      this.bytesAnswered += chunk.length
      const fault = this.#fault
      if (fault.kind === 'silent' || fault.kind === 'garbage') return
      answered += chunk.length
      if (fault.kind === 'cut_answers' && answered >= fault.afterBytes) client.destroy()
      else this.#pass(chunk, client)
    })
  }

  #pass(chunk: Buffer, to: Socket): void {
    if (this.#fault.kind !== 'delay') {
      to.write(chunk)
      return
    }
    // In order: timers of the same length fire in the order in which they were set.
    setTimeout(() => to.destroyed || to.write(chunk), this.#fault.milliseconds)
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    return socket
  }
}
