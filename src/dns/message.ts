import { type Answer, decode, encode, type OptAnswer } from 'dns-packet'
import type { ZoneRecord } from './zone.ts'

/**
 * DNS messages (RFC 1035, section 4). dns-packet is the codec of records. Header and question are read and written here, byte by byte:
 * the question must be echoed exactly, with its case (draft-vixie-dnsext-dns0x20) and any byte in its labels, and the library's names
 * are text.
 */

export interface Header {
  readonly id: number
  readonly isResponse: boolean
  readonly opcode: number
  readonly recursionDesired: boolean
}

export interface Query {
  /** The question section as it came. */
  readonly question: Buffer
  /** In lower case, without final dot; a dot or backslash inside a label is escaped by its number. */
  readonly name: string
  readonly type: string
  readonly class: string
  /** Absent when the client does not speak EDNS (RFC 6891). */
  readonly edns: { readonly udpSize: number; readonly version: number } | undefined
}

/** Response codes (RFC 1035, section 4.1.1; RFC 6891, section 9). */
export const rcodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const

export interface Response {
  readonly rcode: number
  readonly authoritative?: boolean
  /** Records of the name in question. */
  readonly answers?: readonly ZoneRecord[]
  readonly authority?: { readonly apex: string; readonly record: ZoneRecord }
}

const headerLength = 12

/** A query has one question and at most a few additional records (OPT, TSIG): more is an attempt to keep the decoder busy. */
const maxRecords = 8

/** What we can receive over UDP; what fits every path unfragmented (dnsflagday.net/2020). */
export const ednsUdpSize = 1232

/** A compressed name: the one at offset 12, which is the question's (RFC 1035, section 4.1.4). */
const questionName = Buffer.from([0xc0, headerLength])

/** @returns undefined when the packet is too short to have one. */
export function readHeader(packet: Buffer): Header | undefined {
  if (packet.length < headerLength) return undefined
  const flags = packet.readUInt16BE(2)
  return {
    id: packet.readUInt16BE(0),
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & 0x0100) !== 0,
  }
}

/** Reads what follows the header. @returns undefined when it is malformed or not exactly one question. */
export function readQuery(packet: Buffer): Query | undefined {
  const [questions = 0, ...others] = [4, 6, 8, 10].map((offset) => packet.readUInt16BE(offset))
  const records = others.reduce((sum, count) => sum + count, 0)
  const name = readName(packet)
  if (questions !== 1 || records > maxRecords || name === undefined) return undefined
  try {
    const { questions: [question] = [], additionals = [] } = decode(packet)
    const opts = additionals.filter((record) => record.type === 'OPT')
    if (question === undefined || opts.length > 1) return undefined
    return {
      question: packet.subarray(headerLength, name.end + 4),
      name: name.text,
      type: question.type,
      class: question.class ?? 'IN',
      edns: opts[0] && { udpSize: opts[0].udpPayloadSize, version: opts[0].ednsVersion },
    }
  } catch {
    return undefined
  }
}

/** The question's name; compression has nothing to point at there. `end` is the offset of the byte behind it. */
function readName(packet: Buffer): { text: string; end: number } | undefined {
  const labels: string[] = []
  let at = headerLength
  for (let length = packet[at]; length !== 0; length = packet[at]) {
    if (length === undefined || length > 63) return undefined
    const label = packet.toString('latin1', at + 1, at + 1 + length)
    labels.push(label.replace(/[.\\]/g, escaped).toLowerCase())
    at += 1 + length
  }
  return { text: labels.join('.'), end: at + 1 }
}

/** As in zone files: `\046` (RFC 1035, section 5.1). */
function escaped(character: string): string {
  return `\\0${character.charCodeAt(0)}`
}

/** A response without question or records, to a query that could not be read further than its header. */
export function encodeHeaderOnly(header: Header, rcode: number): Buffer {
  return encodeHeader(header, { rcode }, { truncated: false, counts: [0, 0, 0, 0] })
}

/** Records that do not fit into `limit` bytes are left out and the response is marked as truncated. */
export function encodeResponse(
  header: Header,
  query: Query,
  response: Response,
  limit: number,
): Buffer {
  const { answers = [], authority, rcode } = response
  const opt = query.edns === undefined ? [] : [encodeOpt(rcode)]
  let size = headerLength + query.question.length + length(opt)
  let truncated = false
  const fitting = (record: Buffer) => {
    truncated ||= size + record.length > limit
    if (!truncated) size += record.length
    return !truncated
  }
  const answerSection = answers.map(encodeAnswer).filter(fitting)
  const authorities = authority ? [encodeRecord(authority.record, authority.apex)] : []
  const authoritySection = authorities.filter(fitting)
  const counts = [1, answerSection.length, authoritySection.length, opt.length] as const
  return Buffer.concat([
    encodeHeader(header, response, { truncated, counts }),
    query.question,
    ...answerSection,
    ...authoritySection,
    ...opt,
  ])
}

interface Shape {
  readonly truncated: boolean
  readonly counts: readonly [number, number, number, number]
}

/** Recursion is never available, so RA stays clear. */
function encodeHeader(header: Header, response: Response, { truncated, counts }: Shape): Buffer {
  const flags =
    0x8000 |
    (header.opcode << 11) |
    (response.authoritative ? 0x0400 : 0) |
    (truncated ? 0x0200 : 0) |
    (header.recursionDesired ? 0x0100 : 0) |
    (response.rcode & 0xf)
  return Buffer.concat([header.id, flags, ...counts].map(encodeUInt16))
}

function encodeUInt16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}

/** The record of the question's name, that name compressed: a full one would push a larger set over 512 bytes. */
function encodeAnswer(record: ZoneRecord): Buffer {
  const root = encodeRecord(record, '.')
  return Buffer.concat([questionName, root.subarray(1)])
}

function encodeRecord(record: ZoneRecord, name: string): Buffer {
  return encode({ answers: [{ ...record, name } as Answer] }).subarray(headerLength)
}

function encodeOpt(rcode: number): Buffer {
  const opt: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: ednsUdpSize,
    extendedRcode: rcode >> 4,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
  return encode({ answers: [opt] }).subarray(headerLength)
}

function length(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0)
}
