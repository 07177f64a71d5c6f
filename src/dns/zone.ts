import type { SoaAnswer, StringAnswer, TxtAnswer } from 'dns-packet'

/** Addresses as text (`127.16.0.5`, `fd00::5`). Both may be empty: the name exists, nothing can serve it. */
export interface Addresses {
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

/** What the server answers from. Asked anew for every query, so answers follow the load balancers without any notice. */
export interface Names {
  /** The zones served, one a region: `us-west-2.elb.example.com`. Lower case, no final dot. */
  apexes(): Iterable<string>
  /** `name` lies below one of the apexes, in lower case, without final dot; prefixes such as `dualstack.` are still on it. */
  lookup(name: string): Addresses | undefined
  /** The texts of a name's TXT records, also of names below no apex: they are asked for where their zone leads here. */
  texts(name: string): readonly string[] | undefined
  /** Addresses of this server itself, for the name in the NS records; both empty when it listens on every address. */
  readonly server: Addresses
}

export type ZoneRecord =
  | Omit<StringAnswer, 'name'>
  | Omit<SoaAnswer, 'name'>
  | Omit<TxtAnswer, 'name'>

/** `exists` without records means that the name has none of the type asked for (NODATA). */
export type Resolution =
  | { readonly kind: 'not-served' }
  | { readonly kind: 'no-such-name'; readonly apex: string }
  | { readonly kind: 'exists'; readonly apex: string; readonly records: readonly ZoneRecord[] }

/** Seconds that a resolver may keep an answer, and the absence of one (guide: clients resolve again every 60 seconds). */
const ttl = 60

/** The same of TXT records: what an authority has to find there is another the next time. */
const textTtl = 1

/** @param type the mnemonic: `A`, `AAAA`, `ANY`, `SOA`, `NS`, `TXT`; every other type has no records anywhere. */
export function resolve(names: Names, name: string, type: string): Resolution {
  const apex = apexOf(names, name)
  const texts = names.texts(name)
  if (texts !== undefined) {
    return { kind: 'exists', apex: apex ?? name, records: textRecords(texts, type) }
  }
  if (apex === undefined) return { kind: 'not-served' }
  if (name === apex) return { kind: 'exists', apex, records: apexRecords(apex, type) }
  const addresses = name === nameServer(apex) ? names.server : names.lookup(name)
  if (addresses === undefined) return { kind: 'no-such-name', apex }
  return { kind: 'exists', apex, records: addressRecords(addresses, type) }
}

/** The zone's SOA record. Its numbers are those of AWS's zones; the serial stands still as there are no zone transfers. */
export function soa(apex: string): ZoneRecord {
  const data = {
    mname: nameServer(apex),
    rname: `hostmaster.${apex}`,
    serial: 1,
    refresh: 7200,
    retry: 900,
    expire: 1_209_600,
    minimum: ttl,
  }
  return { type: 'SOA', ttl, data }
}

function apexOf(names: Names, name: string): string | undefined {
  for (const apex of names.apexes()) {
    if (name === apex || name.endsWith(`.${apex}`)) return apex
  }
  return undefined
}

function nameServer(apex: string): string {
  return `ns.${apex}`
}

function apexRecords(apex: string, type: string): ZoneRecord[] {
  if (type === 'SOA' || type === 'ANY') return [soa(apex)]
  return type === 'NS' ? [{ type: 'NS', ttl, data: nameServer(apex) }] : []
}

function textRecords(texts: readonly string[], type: string): ZoneRecord[] {
  if (type !== 'TXT' && type !== 'ANY') return []
  return texts.map((data) => ({ type: 'TXT', ttl: textTtl, data }))
}

/** ANY gets one of the two sets, which is what a responder may do instead of sending everything (RFC 8482, section 4.1). */
function addressRecords({ ipv4, ipv6 }: Addresses, type: string): ZoneRecord[] {
  const wanted = type === 'ANY' ? (ipv4.length > 0 ? 'A' : 'AAAA') : type
  if (wanted === 'A') return ipv4.map((data) => ({ type: 'A', ttl, data }))
  return wanted === 'AAAA' ? ipv6.map((data) => ({ type: 'AAAA', ttl, data })) : []
}
