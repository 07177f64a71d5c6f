import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { respond, type Transport } from './respond.ts'
import type { Addresses } from './zone.ts'

const apex = 'us-west-2.elb.example.com'
const name = `my-lb-1234567890.${apex}`
const hosts: Readonly<Record<string, Addresses>> = {
  [name]: { ipv4: ['127.16.0.5', '127.16.16.5', '127.16.32.5'], ipv6: [] },
  [`dualstack.${name}`]: { ipv4: ['127.16.0.5'], ipv6: ['fd00::5'] },
  [`ipv6.${name}`]: { ipv4: [], ipv6: ['fd00::5'] },
  [`down-1.${apex}`]: { ipv4: [], ipv6: [] },
  [`many-1.${apex}`]: { ipv4: addresses(28), ipv6: [] },
  [`huge-1.${apex}`]: { ipv4: addresses(200), ipv6: [] },
}

describe('A DNS response', () => {
  it('has the addresses of a load balancer as A records, for 60 seconds, authoritatively', () => {
    const response = ask(name, 'A')
    expect(response).toMatchObject({ id: 4321, flag_qr: true, flag_aa: true, flag_tc: false })
    expect(data(response)).toEqual(['127.16.0.5', '127.16.16.5', '127.16.32.5'])
    for (const answer of response.answers ?? []) {
      expect(answer).toMatchObject({ name, type: 'A', class: 'IN', ttl: 60 })
    }
    expect(response.authorities).toEqual([])
  })

  it('gives the whole name to the lookup, prefix included', () => {
    expect(data(ask(`dualstack.${name}`, 'A'))).toEqual(['127.16.0.5'])
    expect(data(ask(`dualstack.${name}`, 'AAAA'))).toEqual(['fd00::5'])
    expect(data(ask(`ipv6.${name}`, 'AAAA'))).toEqual(['fd00::5'])
    expectNoData(ask(`ipv6.${name}`, 'A'))
  })

  it('puts the addresses in an order that chance decides', () => {
    const first = (numbers: number[]) =>
      data(ask(name, 'A', {}, { random: () => numbers.shift() ?? 0 }), false)[0]
    expect(first([0.1, 0.2, 0.3])).toBe('127.16.0.5')
    expect(first([0.2, 0.1, 0.3])).toBe('127.16.16.5')
    expect(first([0.3, 0.2, 0.1])).toBe('127.16.32.5')
  })

  it('finds a name in any case and echoes the case of the question', () => {
    const mixed = 'mY-Lb-1234567890.US-west-2.ELB.example.COM'
    const response = ask(mixed, 'A')
    expect(response.questions).toEqual([{ name: mixed, type: 'A', class: 'IN' }])
    expect(data(response)).toHaveLength(3)
    expect(response.answers?.[0]?.name).toBe(mixed)
  })

  it('says with the SOA record that a name has none of the type asked for', () => {
    for (const type of ['AAAA', 'TXT', 'MX', 'NS', 'SOA', 'CAA'] as const) {
      expectNoData(ask(name, type))
    }
    expectNoData(ask(name, 'UNKNOWN_65' as 'A'))
    expectNoData(ask(`down-1.${apex}`, 'A'))
    expectNoData(ask(apex, 'A'))
  })

  it('says with the SOA record that a name under a served zone does not exist', () => {
    for (const unknown of [`gone-1.${apex}`, `x.${name}`, `a\u0000b.${apex}`]) {
      const response = ask(unknown, 'A')
      expect(response).toMatchObject({ rcode: 'NXDOMAIN', flag_aa: true, answers: [] })
      expectSoa(response)
    }
  })

  it('does not take a dot inside a label for a separator, and echoes the label as it came', () => {
    const question = Buffer.concat([
      Buffer.from([16 + 10]),
      Buffer.from('my-lb-1234567890.us-west-2'),
      encode({ questions: [{ name: 'elb.example.com', type: 'A' }] }).subarray(12),
    ])
    const header = encode({ id: 7, questions: [] })
    header.writeUInt16BE(1, 4)
    const packet = respondTo(Buffer.concat([header, question]))
    expect(packet && rcode(packet)).toBe('REFUSED')
    expect(packet?.subarray(12, 12 + question.length)).toEqual(question)
  })

  it('has SOA and NS records for the apex, and an address for the name server', () => {
    const soa = ask(apex, 'SOA').answers?.[0]
    expect(soa).toMatchObject({ name: apex, type: 'SOA', ttl: 60 })
    const ns = ask(apex, 'NS')
    expect(ns).toMatchObject({ flag_aa: true, answers: [{ type: 'NS', data: `ns.${apex}` }] })
    expect(data(ask(`ns.${apex}`, 'A'))).toEqual(['127.0.0.53'])
  })

  it('answers ANY with one set of records only', () => {
    expect(ask(`dualstack.${name}`, 'ANY' as 'A').answers).toMatchObject([{ type: 'A' }])
    expect(ask(`ipv6.${name}`, 'ANY' as 'A').answers).toMatchObject([{ type: 'AAAA' }])
    expect(ask(apex, 'ANY' as 'A').answers).toMatchObject([{ type: 'SOA' }])
    expectNoData(ask(`down-1.${apex}`, 'ANY' as 'A'))
  })

  it('refuses zones that are not served, without a word about who serves them', () => {
    const foreign = ['elb.example.com', 'example.com', '.', 'com', `evil${apex}`, `${apex}.net`]
    for (const other of foreign) {
      expect(ask(other, 'A')).toMatchObject({
        rcode: 'REFUSED',
        flag_aa: false,
        answers: [],
        authorities: [],
      })
    }
  })

  it('serves a zone from the moment that it is listed', () => {
    const apexes = [apex]
    const later = 'lb-1.eu-west-1.elb.example.com'
    const options = {
      apexes: () => apexes,
      lookup: (asked: string) => (asked === later ? { ipv4: ['127.17.0.4'], ipv6: [] } : undefined),
    }
    expect(ask(later, 'A', {}, options)).toMatchObject({ rcode: 'REFUSED' })
    apexes.push('eu-west-1.elb.example.com')
    expect(data(ask(later, 'A', {}, options))).toEqual(['127.17.0.4'])
  })

  it('answers TXT records in any zone, for as long as there are some', () => {
    const texts = new Map([[`_acme-challenge.${name}`, ['one', 'two']]])
    texts.set('_acme-challenge.example.net', ['three'])
    const setting = { texts: (asked: string) => texts.get(asked) }
    const txt = (asked: string) => ask(asked, 'TXT', {}, setting)
    expect(data(txt(`_acme-challenge.${name}`))).toEqual([['one'], ['two']].map(bytes))
    const foreign = txt('_acme-challenge.example.net')
    expect(data(foreign)).toEqual([['three']].map(bytes))
    expect(foreign).toMatchObject({ rcode: 'NOERROR', flag_aa: true, answers: [{ ttl: 1 }] })
    expect(ask('_acme-challenge.example.net', 'A', {}, setting)).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      authorities: [{ name: '_acme-challenge.example.net', type: 'SOA' }],
    })
    texts.clear()
    expect(txt('_acme-challenge.example.net')).toMatchObject({ rcode: 'REFUSED' })
    expect(txt(`_acme-challenge.${name}`)).toMatchObject({ rcode: 'NXDOMAIN' })
  })

  it('refuses classes other than IN', () => {
    for (const other of ['CH', 'ANY'] as const) {
      const questions = [{ name, type: 'A' as const, class: other }]
      expect(ask(name, 'A', { questions })).toMatchObject({ rcode: 'REFUSED', questions })
    }
  })

  it('copies the wish for recursion and offers none', () => {
    expect(ask(name, 'A', { flags: 0x0100 })).toMatchObject({ flag_rd: true, flag_ra: false })
    expect(ask(name, 'A', { flags: 0x0080 })).toMatchObject({ flag_rd: false, flag_ra: false })
  })

  it('implements no opcode but QUERY', () => {
    for (const opcode of [1, 2, 4, 5, 6]) {
      const packet = query(name, 'A')
      packet.writeUInt16BE(opcode << 11, 2)
      const response = respondTo(packet)
      expect(response && rcode(response)).toBe('NOTIMP')
      expect(response?.readUInt16BE(2)).toBe(0x8000 | (opcode << 11) | 4)
    }
  })

  it('is a format error when there is not exactly one question, or the packet ends early', () => {
    const none = query(name, 'A')
    none.writeUInt16BE(0, 4)
    const two = encode({
      questions: [
        { name, type: 'A' },
        { name, type: 'AAAA' },
      ],
    })
    const whole = query(name, 'A')
    const cut = Array.from({ length: whole.length - 12 }, (_, n) => whole.subarray(0, 12 + n))
    const pointer = Buffer.from(whole)
    pointer[12] = 0xc0
    for (const packet of [none, two, pointer, ...cut]) {
      const response = respondTo(packet)
      expect(response && rcode(response)).toBe('FORMERR')
      expect(response).toHaveLength(12)
      expect(response?.readUInt16BE(0)).toBe(packet.readUInt16BE(0))
    }
  })

  it('is a format error for more records than a query can need', () => {
    const opt = edns(1232)
    expect(rcode(respondTo(query(name, 'A', { additionals: [opt, opt] })))).toBe('FORMERR')
    const a: Answer = { name: '.', type: 'A', data: '127.0.0.1' }
    const answers = Array.from({ length: 9 }, () => a)
    expect(rcode(respondTo(query(name, 'A', { answers })))).toBe('FORMERR')
  })

  it('does not exist for responses and for packets without a header', () => {
    expect(respondTo(encode({ type: 'response', questions: [{ name, type: 'A' }] }))).toBe(
      undefined,
    )
    for (const length of [0, 1, 11]) expect(respondTo(Buffer.alloc(length))).toBe(undefined)
  })

  it('speaks EDNS only to those who do', () => {
    expect(ask(name, 'A').additionals).toEqual([])
    expect(ask(name, 'A', { additionals: [edns(4096)] }).additionals).toMatchObject([
      { type: 'OPT', udpPayloadSize: 1232, ednsVersion: 0, extendedRcode: 0 },
    ])
    expect(ask('example.net', 'A', { additionals: [edns(4096)] }).additionals).toHaveLength(1)
  })

  it('tells a client of a newer EDNS which version is known', () => {
    const response = ask(name, 'A', { additionals: [{ ...edns(1232), ednsVersion: 1 }] })
    expect(response).toMatchObject({ answers: [], authorities: [] })
    expect(response.additionals).toMatchObject([{ ednsVersion: 0, extendedRcode: 1 }])
  })

  it.each([
    ['512 bytes without EDNS', 512, []],
    ['512 bytes when the client offers less', 512, [edns(100)]],
    ['what the client offers', 700, [edns(700)]],
    ['1232 bytes when the client offers more', 1232, [edns(65_535)]],
  ])('has over UDP at most %s, and says when it was cut', (_, limit, additionals) => {
    const packet = respondTo(query(`huge-1.${apex}`, 'A', { additionals }))
    const response = decode(packet as Buffer)
    expect(response.flag_tc).toBe(true)
    expect(packet?.length).toBeLessThanOrEqual(limit)
    expect(packet?.length).toBeGreaterThan(limit - 16)
    expect(response.additionals).toHaveLength(additionals.length)
  })

  it('holds 28 addresses without EDNS, as names are compressed', () => {
    const response = ask(`many-1.${apex}`, 'A')
    expect(response.flag_tc).toBe(false)
    expect(data(response)).toHaveLength(28)
  })

  it('is never cut over TCP', () => {
    const response = ask(`huge-1.${apex}`, 'A', {}, { transport: 'tcp' })
    expect(response.flag_tc).toBe(false)
    expect(data(response)).toHaveLength(200)
  })
})

describe('Whatever a client sends', () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(name, `huge-1.${apex}`, apex, 'example.net', '.'),
      fc.constantFrom('A', 'AAAA', 'SOA', 'TXT'),
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 6 }),
      fc.nat(160),
    )
    .map(([asked, type, withEdns, changes, length]) => {
      const additionals = withEdns ? [edns(1232)] : []
      const packet = query(asked, type as 'A', { additionals })
      for (const [at, byte] of changes) packet[at % packet.length] = byte
      return packet.subarray(0, length > 100 ? packet.length : length)
    })
  const random = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
  const queries = random.map((bytes) => {
    const packet = Buffer.concat([Buffer.from('1234000000010000000000', 'hex'), bytes])
    return packet
  })

  it.each([
    ['random bytes', random],
    ['random bytes after the header of a query', queries],
    ['a query with some bytes changed', mutated],
  ])('%s: the response is a well-formed one to that packet, or none', (_, packets) => {
    fc.assert(
      fc.property(packets, fc.constantFrom<Transport>('udp', 'tcp'), (packet, transport) => {
        const response = respondTo(packet, { transport })
        const answerable = packet.length >= 12 && (packet.readUInt8(2) & 0x80) === 0
        expect(response !== undefined).toBe(answerable)
        if (response === undefined) return
        const { id, flag_qr } = decode(response)
        expect({ id, flag_qr }).toEqual({ id: packet.readUInt16BE(0), flag_qr: true })
        if (transport === 'udp') expect(response.length).toBeLessThanOrEqual(1232)
      }),
      { numRuns: 2000 },
    )
  })
})

interface Setting {
  readonly transport?: Transport
  readonly random?: () => number
  readonly apexes?: () => string[]
  readonly lookup?: (name: string) => Addresses | undefined
  readonly texts?: (name: string) => string[] | undefined
}

function respondTo(packet: Buffer, setting: Setting = {}): Buffer | undefined {
  const names = {
    apexes: setting.apexes ?? (() => [apex]),
    lookup: setting.lookup ?? ((asked: string) => hosts[asked]),
    texts: setting.texts ?? (() => undefined),
    server: { ipv4: ['127.0.0.53'], ipv6: [] },
  }
  const { random = Math.random, transport = 'udp' } = setting
  return respond({ names, random }, packet, transport)
}

type Type = NonNullable<Packet['questions']>[number]['type']

function query(asked: string, type: Type, rest: Packet = {}): Buffer {
  return encode({ id: 4321, type: 'query', questions: [{ name: asked, type }], ...rest })
}

/** The library decodes the response code; its types leave it out. */
function ask(asked: string, type: Type, rest: Packet = {}, setting: Setting = {}) {
  const response = respondTo(query(asked, type, rest), setting)
  return decode(response as Buffer) as DecodedPacket & { rcode: string }
}

function rcode(packet: Buffer | undefined): string {
  return (decode(packet as Buffer) as DecodedPacket & { rcode: string }).rcode
}

/** Sorted, as the order is left to chance. */
function data(response: DecodedPacket, sorted = true): unknown[] {
  const found = (response.answers ?? []).map((answer) => ('data' in answer ? answer.data : answer))
  return sorted ? found.sort() : found
}

function bytes(texts: readonly string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text))
}

function expectNoData(response: DecodedPacket): void {
  expect(response).toMatchObject({ rcode: 'NOERROR', flag_aa: true, answers: [] })
  expectSoa(response)
}

function expectSoa(response: DecodedPacket): void {
  const soa = { mname: `ns.${apex}`, rname: `hostmaster.${apex}`, minimum: 60 }
  expect(response.authorities).toMatchObject([{ name: apex, type: 'SOA', ttl: 60, data: soa }])
}

function edns(udpPayloadSize: number) {
  const flags = { extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false }
  return { type: 'OPT' as const, name: '.', udpPayloadSize, options: [], ...flags }
}

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `127.16.0.${n}`)
}
