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
  /** A part has LF in it, or a name begins with white space after another field: on the wire it is another message. */
  readonly isOtherOnTheWire: boolean
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
    isOtherOnTheWire:
      parts.some((part) => part.includes('\n')) ||
      request.headers.some(({ name }, position) => position > 0 && /^[ \t]/.test(name)),
  }
})

function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The same head with a Host, which nearly all of the corpus lack. It comes last, so that the lines before stay what they are. */
export function withHost(raw: string): string {
  if (/^host\s*:/im.test(raw)) return raw
  const end = raw.search(/\r?\n\r?\n/)
  return `${raw.slice(0, end)}\r\nHost: a${raw.slice(end)}`
}
