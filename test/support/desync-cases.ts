import { readFileSync } from 'node:fs'
import type { Tier } from '../../src/engine/desync/classification.ts'
import type { HeaderTier } from '../../src/engine/desync/classify.ts'
import type { ParsedRequest } from '../../src/engine/desync/parsed-request.ts'

/** One request of the corpus; all text is latin1, one character a byte. */
export interface DesyncCase {
  readonly title: string
  readonly request: ParsedRequest
  readonly headerTiers: readonly HeaderTier[]
  readonly tier: Tier
  readonly reason: string
  /** As it goes on the wire. */
  readonly raw: string
  /** A part has LF in it: on the wire it is another message. */
  readonly splitsOnTheWire: boolean
}

interface Stored {
  readonly name: string
  readonly method: string
  readonly uri: string
  readonly version: string
  readonly headers: readonly { name: string; value: string; tier: HeaderTier }[]
  readonly tier: Tier
  readonly reason: string
  readonly raw_b64: string
}

const file = new URL('../fixtures/desync-cases.json', import.meta.url)

export const desyncCases: readonly DesyncCase[] = (
  JSON.parse(readFileSync(file, 'utf8')) as readonly Stored[]
).map((stored, index) => {
  const request = {
    method: bytes(stored.method),
    uri: bytes(stored.uri),
    version: bytes(stored.version),
    headers: stored.headers.map(({ name, value }) => ({ name: bytes(name), value: bytes(value) })),
  }
  const parts = [request.method, request.uri, request.version]
  for (const { name, value } of request.headers) parts.push(name, value)
  return {
    title: `${index}: ${stored.name}`,
    request,
    headerTiers: stored.headers.map(({ tier }) => tier),
    tier: stored.tier,
    reason: stored.reason,
    raw: Buffer.from(stored.raw_b64, 'base64').toString('latin1'),
    splitsOnTheWire: parts.some((part) => part.includes('\n')),
  }
})

function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
