import type { IncomingMessage } from 'node:http'

export interface Body {
  readonly bytes: Uint8Array
  /** False when the body is larger than the bound: `bytes` then is its beginning, one chunk past the bound. */
  readonly complete: boolean
}

/** Reads a request's body, and stops reading when it exceeds `maxBytes`. */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Body> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk)
    length += chunk.byteLength
    if (length > maxBytes) return { bytes: Buffer.concat(chunks), complete: false }
  }
  return { bytes: Buffer.concat(chunks), complete: true }
}
