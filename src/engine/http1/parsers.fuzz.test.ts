/**
 * A bounded fuzz run of the parsers: each seed of the corpus is mutated, always in the same ways, and read whole, in two parts
 * and byte by byte. No parser throws, and the verdict is the same for every split.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { desyncCases } from '../../../test/support/desync-cases.ts'
import { modes, readRequest } from '../../../test/support/read-request.ts'
import { ChunkedDecoder } from './chunked.ts'
import type { MessageHead } from './message-head.ts'
import { RequestHead } from './request-head.ts'
import { ResponseHead } from './response-head.ts'

interface Corpus {
  readonly requests: readonly string[]
  /** Requests that desync mitigation has to judge. */
  readonly doubted: readonly string[]
  readonly responses: readonly string[]
  readonly chunks: readonly string[]
}

const url = new URL('../../../test/fixtures/parser-corpus.json', import.meta.url)
const corpus: Corpus = JSON.parse(readFileSync(url, 'utf8'))

/** What tends to matter to a parser of HTTP/1. */
const pieces = fc.constantFrom(
  ...['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ';', ',', '0', '1', 'f', '\xff', '\x7f', '"'],
  ...['\r\n\r\n', '0\r\n\r\n', 'HTTP/1.1', 'HTTP/1.0', 'Content-Length: 1\r\n', 'Host: b\r\n'],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'Connection: close\r\n',
    'Upgrade: a\r\n',
    'A: b\r\n c\r\n',
    'Transfer_Encoding: chunked\r\n',
    'Content-Length : 1\r\n',
  ],
  ...['x'.repeat(200), '9'.repeat(16), 'fffffffffffff'],
)
const mutation = fc.record({ at: fc.nat(), drop: fc.nat(4), piece: fc.option(pieces, { nil: '' }) })
const mutations = fc.array(mutation, { maxLength: 4 })

function mutated(seed: string, changes: readonly { at: number; drop: number; piece: string }[]) {
  let text = seed
  for (const { at, drop, piece } of changes) {
    const where = at % (text.length + 1)
    text = text.slice(0, where) + piece + text.slice(where + drop)
  }
  return text
}

/**
 * Checks every seed, and mutations of them and of `more`, in the same order at every run.
 */
function fuzz(
  seeds: readonly string[],
  read: (parts: readonly string[]) => unknown,
  more: readonly string[] = [],
): void {
  const check = (text: string, cut: number) => {
    const whole = read([text])
    const at = cut % (text.length + 1)
    expect(read([text.slice(0, at), text.slice(at)])).toEqual(whole)
    expect(read([...text])).toEqual(whole)
  }
  for (const seed of seeds) for (let at = 0; at <= seed.length; at += 1) check(seed, at)
  fc.assert(
    fc.property(fc.constantFrom(...seeds, ...more), mutations, fc.nat(), (seed, changes, cut) =>
      check(mutated(seed, changes), cut),
    ),
    { numRuns: 4000, seed: 2026 },
  )
}

function readHead(head: MessageHead, parts: readonly string[], describe: () => unknown): unknown {
  let text = ''
  for (const part of parts) {
    text += part
    const verdict = head.scan(Buffer.from(text, 'latin1'), 0, text.length)
    if (verdict === 'refused') return { verdict, reason: head.reason }
    if (verdict === 'complete') {
      return {
        verdict,
        length: head.length,
        kept: head.kept(0),
        more: describe(),
      }
    }
  }
  return 'incomplete'
}

test('request heads', () => {
  fuzz(corpus.requests, (parts) => {
    const head = new RequestHead()
    return readHead(head, parts, () => {
      const { bodyLength, keepAlive, method, target, upgradeTo } = head
      return { bodyLength, keepAlive, method, target, upgradeTo }
    })
  })
})

test('requests as desync mitigation reads them, in every mode', () => {
  fuzz(
    [...corpus.requests, ...corpus.doubted],
    (parts) => {
      const [monitor, ...stricter] = modes.map((mode) => readRequest(parts, mode))
      // Modes differ in what they refuse, in nothing else.
      for (const one of stricter) {
        expect(one.classification).toEqual(monitor?.classification)
        if (one.verdict !== 'refused') expect(one).toEqual(monitor)
      }
      return [monitor, ...stricter]
    },
    desyncCases.map(({ raw }) => raw),
  )
}, 120_000)

test('response heads', () => {
  fuzz(corpus.responses, (parts) => {
    const head = new ResponseHead()
    return readHead(head, parts, () => [head.status, head.keepAlive, head.bodyLength(false)])
  })
})

test('chunked bodies', () => {
  fuzz(corpus.chunks, (parts) => {
    const decoder = new ChunkedDecoder()
    let data = ''
    let taken = 0
    for (const part of parts) {
      const bytes = Buffer.from(part, 'latin1')
      const length = decoder.decode(bytes, 0, bytes.length)
      if (length < 0) return 'malformed'
      data += bytes.toString('latin1', 0, length)
      taken += decoder.consumed
      if (decoder.done) return { data, taken, trailers: decoder.trailers }
    }
    return { data }
  })
})
