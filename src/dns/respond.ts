import {
  ednsUdpSize,
  encodeHeaderOnly,
  encodeResponse,
  type Query,
  type Response,
  rcodes,
  readHeader,
  readQuery,
} from './message.ts'
import { type Names, resolve, soa, type ZoneRecord } from './zone.ts'

export type Transport = 'udp' | 'tcp'

export interface Responder {
  readonly names: Names
  /** A number in [0, 1): decides the order of the addresses in an answer. */
  readonly random: () => number
}

/** The largest response to a client that does not say what it can take (RFC 1035, section 2.3.4). */
const plainUdpSize = 512

/** The length in front of a message over TCP has 16 bits. */
const tcpSize = 0xffff

/**
 * The response to one packet; undefined when it deserves none (no header, or itself a response: answering those would let two servers
 * answer each other for ever). Throws only what `names` throws; {@link failure} is the response then.
 */
export function respond(
  { names, random }: Responder,
  packet: Buffer,
  transport: Transport,
): Buffer | undefined {
  const header = readHeader(packet)
  if (header === undefined || header.isResponse) return undefined
  if (header.opcode !== 0) return encodeHeaderOnly(header, rcodes.notImplemented)
  const query = readQuery(packet)
  if (query === undefined) return encodeHeaderOnly(header, rcodes.formatError)
  const { answers, ...rest } = answer(names, query)
  const response = { ...rest, answers: shuffled(answers ?? [], random) }
  return encodeResponse(header, query, response, sizeLimit(query, transport))
}

/** The response to a packet on which {@link respond} failed. */
export function failure(packet: Buffer): Buffer | undefined {
  const header = readHeader(packet)
  return header && encodeHeaderOnly(header, rcodes.serverFailure)
}

function answer(names: Names, query: Query): Response {
  if (query.edns !== undefined && query.edns.version !== 0) return { rcode: rcodes.badVersion }
  if (query.class !== 'IN') return { rcode: rcodes.refused }
  const resolution = resolve(names, query.name, query.type)
  if (resolution.kind === 'not-served') return { rcode: rcodes.refused }
  const { apex } = resolution
  const absent = { authoritative: true, authority: { apex, record: soa(apex) } }
  if (resolution.kind === 'no-such-name') return { rcode: rcodes.nameError, ...absent }
  const { records } = resolution
  if (records.length === 0) return { rcode: rcodes.noError, ...absent }
  return { rcode: rcodes.noError, authoritative: true, answers: records }
}

function sizeLimit({ edns }: Query, transport: Transport): number {
  if (transport === 'tcp') return tcpSize
  return Math.min(Math.max(edns?.udpSize ?? plainUdpSize, plainUdpSize), ednsUdpSize)
}

/**
 * Most clients take the first address. A rotation would not spread them: they ask for A and AAAA in turn, so every second step of it
 * would be spent on the other type.
 */
function shuffled(records: readonly ZoneRecord[], random: () => number): ZoneRecord[] {
  const keyed = records.map((record) => ({ record, key: random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ record }) => record)
}
