import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'

/** A request, read whole. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What ends after a test: it is called in the reverse order. */
export type Cleanups = (() => unknown)[]

/** Runs and forgets them. */
export async function cleanUp(cleanups: Cleanups): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

/** Has a server listen on a port that the system gives. @returns its address */
export function listening(server: Server | TcpServer, cleanups: Cleanups): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/in`),
    )
  })
}

/** A server that answers what it is told to. */
export async function httpServer(
  answer: (received: Received, response: ServerResponse, count: number) => void,
  cleanups: Cleanups,
) {
  const received: Received[] = []
  const connections = { count: 0 }
  const http = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body: Buffer.concat(parts) }
      received.push(one)
      answer(one, response, received.length)
    })
  })
  http.on('connection', () => connections.count++)
  return { url: await listening(http, cleanups), received, connections }
}

/** A server that says whatever it wants to, once it was asked something. */
export function rawServer(answer: (socket: Socket) => void, cleanups: Cleanups): Promise<string> {
  const tcp = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => answer(socket))
  })
  return listening(tcp, cleanups)
}

/** Answers with a status. */
export const status =
  (code: number, text = 'said') =>
  (_: Received, response: ServerResponse) =>
    response.writeHead(code).end(text)
