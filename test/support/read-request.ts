import { RequestReader } from '../../src/engine/http1/request-reader.ts'
import type { DesyncMode } from '../../src/snapshot/snapshot.ts'

export const modes = ['monitor', 'defensive', 'strictest'] as const

/** What comes of bytes that come in these parts: how far they are a request, and what is passed on. */
export function readRequest(parts: readonly string[], mode: DesyncMode) {
  const reader = new RequestReader()
  const { head } = reader
  // Bytes that are not the head's lie before it, as they may in a read buffer.
  let bytes = Buffer.from('before')
  for (const part of parts) {
    bytes = Buffer.concat([bytes, Buffer.from(part, 'latin1')])
    const verdict = reader.read(bytes, 6, bytes.length, mode)
    const { classification, isolated } = head
    if (verdict === 'refused') return { verdict, classification, status: head.status }
    if (verdict === 'incomplete') continue
    const bodyStart = reader.start + head.length
    return {
      verdict,
      classification,
      isolated,
      // Without the empty line that may come before a request.
      text: reader.bytes.toString('latin1', reader.start, bodyStart).replace(/^\r\n/, ''),
      body: head.bodyLength,
      length: bodyStart + reader.shift - 6,
    }
  }
  return { verdict: 'incomplete' as const }
}
