/** The header fields that tell targets about the client and its request, as a listener has them: put together once, filled in by request. */
import type {
  ForwardedField,
  ForwardedValue,
  Forwarding,
  RequestFact,
} from '../../snapshot/forwarding.ts'
import type { ClientEnd } from '../observer.ts'
import type { ClientCertificate } from '../tls/client-certificate.ts'
import { type Field, FieldNames, field } from './field-names.ts'
import type { RequestHead } from './request-head.ts'

/** What can be told of a client. */
export interface ClientFacts extends ClientEnd {
  readonly entrance: EntranceFacts
  /** The one that it showed in the handshake. */
  readonly certificate: ClientCertificate | null
  /** The name of the one that it was shown. */
  readonly shownCertificate: string | null
}

/** What is the same for all clients of one address of a listener. */
export interface EntranceFacts {
  readonly address: string
  readonly port: number
  /** The load balancer's own `host:port`: the Host of clients that send none (HTTP/1.0). */
  readonly authority: string
}

/** As text of one character a byte; empty where there is none. */
type Fact = (head: RequestHead, client: ClientFacts) => string

/** A field whose value depends on the request, and what stands behind it. */
interface Part {
  readonly name: string
  readonly fact: Fact
  rest: string
}

/** Guide, p. 36–38. */
const usual: Forwarding = {
  set: [
    { name: 'X-Forwarded-For', value: { kind: 'fact', fact: 'client-addresses' } },
    { name: 'X-Forwarded-Proto', value: { kind: 'fact', fact: 'scheme' } },
    { name: 'X-Forwarded-Port', value: { kind: 'fact', fact: 'listener-port' } },
  ],
  remove: [],
}

export class ForwardedFields {
  /** What of a client's fields is read, or left out. */
  readonly names: FieldNames
  #first = ''
  readonly #parts: Part[] = []

  /** @param secure the listener's clients speak TLS */
  constructor(
    { set, remove }: Forwarding = usual,
    listener: { readonly port: number; readonly secure: boolean },
  ) {
    this.names = new FieldNames(kindsOf(set, remove))
    for (const { name, value } of set) {
      const text = constantOf(value, listener)
      if (text === null) this.#parts.push({ name, fact: facts[factOf(value)], rest: '' })
      else if (text !== '') this.#append(`${name}: ${text}\r\n`)
    }
  }

  /** The fields of a request, each with its CRLF. */
  lines(head: RequestHead, client: ClientFacts): string {
    let lines = this.#first
    for (const { name, fact, rest } of this.#parts) {
      const value = fact(head, client)
      lines += value === '' ? rest : `${name}: ${value}\r\n${rest}`
    }
    return lines
  }

  #append(line: string): void {
    const last = this.#parts.at(-1)
    if (last === undefined) this.#first += line
    else last.rest += line
  }
}

function kindsOf(
  set: readonly ForwardedField[],
  remove: readonly string[],
): Readonly<Record<string, Field>> {
  const kinds: Record<string, Field> = {}
  for (const name of remove) kinds[name.toLowerCase()] = field.forwarded
  for (const { name, value } of set) {
    const appends = value.kind === 'fact' && value.fact === 'client-addresses'
    kinds[name.toLowerCase()] = appends ? field.forwardedFor : field.forwarded
  }
  return kinds
}

/** What is the same for all of a listener's requests; null: the value is not. */
function constantOf(
  value: ForwardedValue,
  listener: { readonly port: number; readonly secure: boolean },
): string | null {
  if (value.kind === 'text') return value.text
  if (value.fact === 'listener-port') return String(listener.port)
  if (value.fact === 'scheme') return listener.secure ? 'https' : 'http'
  return null
}

type VaryingFact = Exclude<RequestFact, 'listener-port' | 'scheme'>

const factOf = (value: ForwardedValue) => (value as { readonly fact: VaryingFact }).fact

const facts: Readonly<Record<VaryingFact, Fact>> = {
  'client-addresses': ({ forwardedFor }, { address }) =>
    forwardedFor === '' ? address : `${forwardedFor}, ${address}`,
  'client-address': (_, { address }) => address,
  'client-port': (_, { port }) => String(port),
  host: ({ host }, { entrance }) => (host === '' ? entrance.authority : host),
  'tls-protocol': (_, { tls }) => tls?.protocol ?? '',
  'tls-cipher': (_, { tls }) => tls?.cipher ?? '',
  'tls-certificate': (_, { shownCertificate }) => shownCertificate ?? '',
  'client-certificate': (_, { certificate }) => certificate?.escapedPem ?? '',
  'client-subject': (_, { certificate }) => bytesOf(certificate?.subject ?? ''),
  'client-issuer': (_, { certificate }) => bytesOf(certificate?.issuer ?? ''),
  'client-fingerprint': (_, { certificate }) => certificate?.sha1 ?? '',
  'client-serial': (_, { certificate }) => certificate?.serial ?? '',
  'client-verified': (_, { certificate }) => (certificate === null ? 'NONE' : 'SUCCESS'),
  'client-not-after': (_, { certificate }) => certificate?.notAfterText ?? '',
}

/** UTF-8, one character a byte. Whoever signs certificates may write what they like into names: what would end a line is left out. */
function bytesOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant
  return Buffer.from(text.replace(/[\0-\x1f\x7f]/g, ''), 'utf8').toString('latin1')
}
