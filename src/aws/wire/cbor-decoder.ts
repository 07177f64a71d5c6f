/**
 * CBOR (RFC 8949) as far as Smithy's protocols use it: no tags but that of timestamps. Written here because it reads what strangers send:
 * no length is believed before its bytes are there, nesting is bounded, and there are no big numbers, whose reading takes time without
 * bound. The work is in proportion to the bytes.
 */
import { ApiError } from './errors.ts'

/** Far more than any input of an operation. */
const maxDepth = 64

/** Major types: RFC 8949 section 3.1. */
const unsigned = 0
const negative = 1
const bytes = 2
const text = 3
const array = 4
const map = 5
const tagged = 6

/** Seconds since the epoch: section 3.4.2. */
const epochTag = 1

const breakCode = 0xff

/** @throws ApiError `MalformedInput` */
export function decodeCbor(document: Uint8Array): unknown {
  const decoder = new Decoder(document)
  const value = decoder.value(0)
  if (!decoder.atEnd) throw malformed()
  return value
}

function malformed(): ApiError {
  return new ApiError('MalformedInput', 'The request is not CBOR, or has more of it than is served')
}

class Decoder {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true })
  #at = 0

  constructor(document: Uint8Array) {
    this.#bytes = document
    this.#view = new DataView(document.buffer, document.byteOffset, document.byteLength)
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.byteLength
  }

  value(depth: number): unknown {
    if (depth > maxDepth) throw malformed()
    const head = this.#bytes[this.#take(1)] ?? 0
    const minor = head & 0x1f
    switch (head >> 5) {
      case unsigned:
        return this.#argument(minor)
      case negative:
        return -1 - this.#argument(minor)
      case bytes:
        return this.#string(minor, bytes)
      case text:
        return this.#text(minor)
      case array:
        return this.#array(minor, depth)
      case map:
        return this.#map(minor, depth)
      case tagged:
        return this.#tagged(minor, depth)
      default:
        return this.#simple(minor)
    }
  }

  #array(minor: number, depth: number): unknown[] {
    const items: unknown[] = []
    for (const _ of this.#items(minor)) items.push(this.value(depth + 1))
    return items
  }

  #map(minor: number, depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = []
    for (const _ of this.#items(minor)) {
      const head = this.#bytes[this.#take(1)] ?? 0
      if (head >> 5 !== text) throw malformed()
      entries.push([this.#text(head & 0x1f), this.value(depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  /** Runs once an item, of as many as are announced, or up to a break. */
  *#items(minor: number): Generator<void> {
    if (minor !== indefinite) {
      for (let left = this.#argument(minor); left > 0; left -= 1) yield
      return
    }
    while (this.#bytes[this.#at] !== breakCode) yield
    this.#take(1)
  }

  #text(minor: number): string {
    try {
      return this.#utf8.decode(this.#string(minor, text))
    } catch {
      throw malformed()
    }
  }

  /** In one piece, or in several of the same type up to a break. */
  #string(minor: number, type: typeof bytes | typeof text): Uint8Array {
    if (minor !== indefinite) {
      const length = this.#argument(minor)
      const start = this.#take(length)
      return this.#bytes.subarray(start, start + length)
    }
    const pieces: Uint8Array[] = []
    for (const _ of this.#items(minor)) {
      const head = this.#bytes[this.#take(1)] ?? 0
      if (head >> 5 !== type || (head & 0x1f) === indefinite) throw malformed()
      pieces.push(this.#string(head & 0x1f, type))
    }
    return Buffer.concat(pieces)
  }

  #tagged(minor: number, depth: number): Date {
    const tag = this.#argument(minor)
    const seconds = this.value(depth + 1)
    if (tag !== epochTag || typeof seconds !== 'number') throw malformed()
    return new Date(Math.round(seconds * 1000))
  }

  /** Section 3.3: false, true, null, undefined and fractions. */
  #simple(minor: number): boolean | number | null {
    switch (minor) {
      case 20:
        return false
      case 21:
        return true
      case 22:
      case 23:
        return null
      case 25:
        return this.#view.getFloat16(this.#take(2))
      case 26:
        return this.#view.getFloat32(this.#take(4))
      case 27:
        return this.#view.getFloat64(this.#take(8))
      default:
        throw malformed()
    }
  }

  /** A whole number, in the head itself or in the bytes after it. */
  #argument(minor: number): number {
    if (minor < 24) return minor
    switch (minor) {
      case 24:
        return this.#view.getUint8(this.#take(1))
      case 25:
        return this.#view.getUint16(this.#take(2))
      case 26:
        return this.#view.getUint32(this.#take(4))
      case 27:
        return Number(this.#view.getBigUint64(this.#take(8)))
      default:
        throw malformed()
    }
  }

  /** @returns where the bytes begin that are now read */
  #take(count: number): number {
    const start = this.#at
    if (count > this.#bytes.byteLength - start) throw malformed()
    this.#at += count
    return start
  }
}

/** As a length: up to a break. */
const indefinite = 31
