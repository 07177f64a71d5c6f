/** Bodies far larger than memory, through the proxy process that users run: every byte comes, and the process does not grow. */
import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { childProcess, residentBytes } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const mebibyte = 1024 * 1024
/** With both framings, a gibibyte each way. */
const bodySize = 512 * mebibyte
/** How much more memory than before a body may take: buffers of the one connection, and what is not collected yet. */
const mostGrowth = 96 * mebibyte
/** More than all the buffers on the way can have: the kernel's, and the proxy's own. */
const mostOnTheWay = 64 * mebibyte

/** A body is this over and over: its length makes it fall differently into every read. */
const pattern = Buffer.from(Array.from({ length: 65_521 }, (_, i) => (i * 7 + (i >> 8)) % 251))
const doubled = Buffer.concat([pattern, pattern])

let weir: Weir
let instance: Instance
let node: string
let proxy: number
let growth: Growth
/** The instance reads no upload before that. */
let holding: Promise<void>

beforeAll(async () => {
  weir = await Weir.start()
  instance = await Instance.declare(weir, 'us-west-2a', serve)
  await createLoadBalancer(weir, 'stream', [instance])
  node = (await nodeAddresses(weir, 'stream'))[0] ?? ''
  proxy = childProcess(weir.process.pid ?? 0, 'proxy') ?? 0
})

// A busy machine may take its time over so many bytes.
vi.setConfig({ testTimeout: 120_000 })

beforeEach(() => {
  growth = new Growth(proxy)
  holding = Promise.resolve()
})

afterAll(async () => {
  await instance.stop()
  await weir[Symbol.asyncDispose]()
})

async function serve(question: IncomingMessage, response: ServerResponse): Promise<void> {
  if (question.method === 'POST') {
    await holding
    response.end(String(await received(question, growth.note)))
    return
  }
  if (question.url === '/known') response.setHeader('content-length', bodySize)
  await send(response, bodySize)
}

async function send(to: Writable, size: number): Promise<void> {
  for (let sent = 0; sent < size; ) {
    const piece = pattern.subarray(0, Math.min(pattern.length, size - sent))
    sent += piece.length
    if (!to.write(piece)) await once(to, 'drain')
  }
  to.end()
}

/** @returns how many bytes came, all of them as they have to be */
async function received(from: Readable, each: () => void = () => {}): Promise<number> {
  let size = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const start = (size + at) % pattern.length
      const end = Math.min(chunk.length, at + pattern.length)
      if (chunk.compare(doubled, start, start + end - at, at, end) !== 0)
        throw new Error(`wrong bytes after ${size + at}`)
      at = end
    }
    size += chunk.length
    each()
  }
  return size
}

/** How much the proxy grows: looks once in about a hundred calls. */
class Growth {
  readonly #pid: number
  readonly #before: number
  #calls = 0
  most = 0

  constructor(pid: number) {
    this.#pid = pid
    this.#before = residentBytes(pid)
  }

  readonly note = (): void => {
    this.#calls += 1
    if (this.#calls % 100 === 1) this.look()
  }

  look(): void {
    this.most = Math.max(this.most, residentBytes(this.#pid) - this.#before)
  }
}

const known = { 'content-length': bodySize }
const chunked = { 'transfer-encoding': 'chunked' }

function ask(method: string, path: string, headers: Record<string, string | number> = {}) {
  const asked = request({ host: node, port: 8080, method, path, headers, agent: false })
  return { asked, answered: once(asked, 'response') as Promise<[IncomingMessage]> }
}

/** Resolves with what the instance says that it received. */
async function countOf(answered: Promise<[IncomingMessage]>): Promise<number> {
  const [response] = await answered
  let text = ''
  for await (const chunk of response) text += chunk
  return Number(text)
}

test.each([
  ['known', '/known'],
  ['chunked', '/chunked'],
])('a download of half a gibibyte passes in little memory (%s)', async (_, path) => {
  const { asked, answered } = ask('GET', path)
  asked.end()
  const [response] = await answered
  expect(await received(response, growth.note)).toBe(bodySize)
  expect(growth.most).toBeLessThan(mostGrowth)
})

test.each([
  ['known', known],
  ['chunked', chunked],
])('an upload of half a gibibyte passes in little memory (%s)', async (_, headers) => {
  const { asked, answered } = ask('POST', '/', headers)
  await send(asked, bodySize)
  expect(await countOf(answered)).toBe(bodySize)
  expect(growth.most).toBeLessThan(mostGrowth)
})

test('an upload waits in the client while the instance does not read it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  holding = promise
  const { asked, answered } = ask('POST', '/', known)
  const sent = send(asked, bodySize)
  await standstill(() => asked.socket?.bytesWritten ?? 0)
  growth.look()
  expect(asked.socket?.bytesWritten).toBeLessThan(mostOnTheWay)
  expect(growth.most).toBeLessThan(mostGrowth)
  resolve()
  await sent
  expect(await countOf(answered)).toBe(bodySize)
  expect(growth.most).toBeLessThan(mostGrowth)
})

/** Resolves when the figure is not 0, and was the same for ten looks. */
async function standstill(figure: () => number): Promise<void> {
  let last = 0
  let still = 0
  await eventually('a standstill', () => {
    still = figure() === last && last > 0 ? still + 1 : 0
    last = figure()
    return still > 10
  })
}
