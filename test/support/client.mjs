// @ts-check
/**
 * A program that tests have make connections: a command a line on standard input, an answer a line on standard output,
 * as JSON. It is the independent source: what it answers comes from its own clock and its own sockets.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { connectByIoUring } from './io-uring.mjs'
import * as sockets from './sockets.mjs'

/** @typedef {import('./sockets.mjs').EndPoint} EndPoint */
/**
 * @typedef {{ op: 'who' }
 *   | { op: 'name', bytes: number[] }
 *   | { op: 'listen', place: EndPoint, backlog?: number, fastOpen?: boolean }
 *   | { op: 'connect', place: EndPoint, how: 'nonblocking' | 'blocking' | 'io_uring' | 'begin', options?: import('./sockets.mjs').SocketOptions, waitMs?: number }
 *   | { op: 'storm', place: EndPoint, count: number }
 *   | { op: 'end', fd: number, waitMs: number }
 *   | { op: 'send', fd: number, text: string }
 *   | { op: 'info', fd: number }
 *   | { op: 'disconnect', fd: number }
 *   | { op: 'reconnect', fd: number, place: EndPoint }
 *   | { op: 'close', fd: number }} Command
 */

const EINPROGRESS = 115
const us = () => Number(process.hrtime.bigint() / 1000n)

for await (const line of createInterface({ input: process.stdin })) {
  /** @type {unknown} */
  let answer
  try {
    answer = run(/** @type {Command} */ (JSON.parse(line)))
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) }
  }
  process.stdout.write(`${JSON.stringify(answer ?? {})}\n`)
}

/** @param {Command} command */
function run(command) {
  switch (command.op) {
    case 'who':
      return {
        pid: process.pid,
        uid: process.getuid?.(),
        netns: sockets.networkNamespace(),
        // Node 24 names its main thread MainThread, and 26 node-MainThread: what the kernel has it under is asked of it.
        comm: readFileSync('/proc/thread-self/comm', 'utf8').replace(/\n$/, ''),
      }
    case 'name':
      return sockets.setComm(Uint8Array.from(command.bytes))
    case 'listen':
      return sockets.listenOn(command.place, command)
    case 'connect':
      return connect(command.place, command.how, command.options ?? {}, command.waitMs ?? 10_000)
    case 'storm':
      return { made: storm(command.place, command.count) }
    case 'end':
      return {
        errno: sockets.endConnect(command.fd, command.waitMs),
        local: sockets.localEnd(command.fd),
        endedUs: us(),
      }
    case 'send':
      return { sent: sockets.send(command.fd, Buffer.from(command.text)) }
    case 'info':
      return sockets.tcpInfo(command.fd)
    case 'disconnect':
      return sockets.disconnect(command.fd)
    case 'reconnect':
      return { errno: sockets.beginConnect(command.fd, command.place), local: sockets.localEnd(command.fd) }
    case 'close':
      return sockets.closeSocket(command.fd)
  }
}

/**
 * @param {EndPoint} place
 * @param {'nonblocking' | 'blocking' | 'io_uring' | 'begin'} how `begin` does not wait for the end
 * @param {import('./sockets.mjs').SocketOptions} options
 * @param {number} waitMs
 */
function connect(place, how, options, waitMs) {
  const fd = sockets.openSocket(place.address, {
    ...options,
    blocking: how === 'blocking' || how === 'io_uring',
  })
  const beganUs = us()
  /** @type {number | undefined} */
  let errno
  if (how === 'io_uring') errno = connectByIoUring(fd, place)
  else {
    errno = sockets.beginConnect(fd, place)
    if (how === 'nonblocking' && errno === EINPROGRESS) errno = sockets.endConnect(fd, waitMs)
  }
  const endedUs = us()
  return { fd, errno, beganUs, tookUs: endedUs - beganUs, local: sockets.localEnd(fd) }
}

/**
 * Connects so many times as fast as it can, each by a socket of its own that is closed at once.
 *
 * @param {EndPoint} place where nobody listens: a refused connect leaves no port behind
 * @param {number} count
 * @returns how many connects were tried
 */
function storm(place, count) {
  let made = 0
  for (; made < count; made++) {
    const fd = sockets.openSocket(place.address)
    sockets.beginConnect(fd, place)
    sockets.closeSocket(fd)
  }
  return made
}
