import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import type { FiguresBatch } from '../../snapshot/figures.ts'
import { protocolVersion } from '../../snapshot/messages.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { encodeJsonLine } from '../../std/json-lines.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { StatusBoard } from '../status-board.ts'
import { ControlLink } from './control-link.ts'

const empty = { system: '', nodes: [], pools: [], checks: [], certificates: [], challenges: [] }
const hello = { type: 'hello', proxy: 'p', protocol: protocolVersion }
const snapshotLine = (revision: number) =>
  encodeJsonLine({ type: 'snapshot', snapshot: { revision, ...empty } satisfies Snapshot })

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'weir-link-'))
  const path = join(folder, 'control.sock')
  const board = new StatusBoard()
  const stored: FiguresBatch[] = []
  const keepFigures = async (batch: FiguresBatch) => {
    if (batch.nodes.length === 0) throw new Error('the disk is full')
    stored.push(batch)
  }
  const link = await ControlLink.open({ path, board, keepFigures, logger: createLogger('silent') })
  onTestFinished(async () => {
    await link[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  return { path, board, link, stored }
}

/** A client of the socket, and what it got. */
function client(path: string): { socket: Socket; got: () => string; closed: Promise<unknown> } {
  const socket = connect({ path })
  let got = ''
  socket.setEncoding('utf8').on('data', (text) => {
    got += text
  })
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  return { socket, got: () => got, closed: once(socket, 'close') }
}

test('a proxy gets the newest snapshot once it has said hello, and each later one', async () => {
  const { path, link, board } = await open()
  link.publish({ revision: 1, ...empty })
  const proxy = client(path)
  await once(proxy.socket, 'connect')
  link.publish({ revision: 2, ...empty })
  proxy.socket.write(encodeJsonLine(hello))
  await eventually('a snapshot', () => proxy.got() !== '')
  link.publish({ revision: 3, ...empty })
  await eventually('the next', () => proxy.got().endsWith(snapshotLine(3)))
  expect(proxy.got()).toBe(snapshotLine(2) + snapshotLine(3))
  expect(board.connected).toBe(1)
})

test.each([
  ['another protocol', encodeJsonLine({ ...hello, protocol: protocolVersion + 1 })],
  ['no JSON', 'GET / HTTP/1.1\r\n\r\n'],
  ['no object', 'null\n'],
  ['no hello', encodeJsonLine({ type: 'counters', counters: [] })],
])('a client that speaks %s is sent nothing and let go', async (_, line) => {
  const { path, link, board } = await open()
  link.publish({ revision: 1, ...empty })
  const stranger = client(path)
  stranger.socket.write(line)
  await stranger.closed
  expect(stranger.got()).toBe('')
  expect(board.connected).toBe(0)
})

test('a proxy says hello once: its page is closed with its connection', async () => {
  const { path, board } = await open()
  const proxy = client(path)
  proxy.socket.write(encodeJsonLine(hello) + encodeJsonLine({ ...hello, proxy: 'q' }))
  await proxy.closed
  await eventually('its page to be closed', () => board.connected === 0)
})

test('a draining target is finished once all connected proxies say so', async () => {
  const { path, board } = await open()
  const proxies = ['p', 'q'].map((proxy) => {
    const { socket } = client(path)
    socket.write(encodeJsonLine({ ...hello, proxy }))
    return socket
  })
  const [p, q] = proxies as [Socket, Socket]
  await eventually('both', () => board.connected === 2)
  p.write(encodeJsonLine({ type: 'finished', targets: ['a', 'b'] }))
  q.write(encodeJsonLine({ type: 'finished', targets: ['b'] }))
  await eventually('what both have finished', () => board.finished('b'))
  expect(board.finished('a')).toBe(false)
  q.write(encodeJsonLine({ type: 'finished', targets: ['a', 'b'] }))
  await eventually('the other', () => board.finished('a'))
  for (const proxy of proxies) proxy.destroy()
  await eventually('nobody to know', () => board.connected === 0)
  expect(board.finished('a')).toBe(false)
})

test('a proxy is told of each batch of figures that is stored, as often as it comes, and of none that is not', async () => {
  const { path, stored } = await open()
  const { socket, got } = client(path)
  const batch = { source: 's', sequence: 1, minute: 0, nodes: [] }
  const nodes = [{ loadBalancer: 'lb', zone: 'a', counts: { routed: 1 } }]
  socket.write(encodeJsonLine(hello) + encodeJsonLine({ type: 'figures', batch }))
  for (const sequence of [2, 2]) {
    socket.write(encodeJsonLine({ type: 'figures', batch: { ...batch, sequence, nodes } }))
  }
  const told = encodeJsonLine({ type: 'figures-stored', source: 's', sequence: 2 })
  await eventually('two answers', () => got() === told + told)
  expect(stored).toEqual([2, 2].map((sequence) => ({ ...batch, sequence, nodes })))
})

test('only its owner may connect', async () => {
  const { path } = await open()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a path that is too long for a socket is refused in words', async () => {
  const options = {
    board: new StatusBoard(),
    keepFigures: async () => {},
    logger: createLogger('silent'),
  }
  const path = `/tmp/${'x'.repeat(103)}`
  await expect(ControlLink.open({ path, ...options })).rejects.toThrow('a shorter data folder')
})
