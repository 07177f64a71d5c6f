import { describe, expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { ownAddress, Serving } from '../../../test/support/serving.ts'
import { proxyLine } from './v1.ts'

test('a line names the family, both addresses and both ports, in the order of the guide', () => {
  expect(
    proxyLine({ address: '198.51.100.22', port: 35_646 }, { address: '203.0.113.7', port: 80 }),
  ).toBe('PROXY TCP4 198.51.100.22 203.0.113.7 35646 80\r\n')
  expect(
    proxyLine({ address: 'fe80::8a2e%eth0', port: 1 }, { address: '2001:db8::6b2e', port: 65_535 }),
  ).toBe('PROXY TCP6 fe80::8a2e 2001:db8::6b2e 1 65535\r\n')
})

test('a client that is gone already is unknown', () => {
  const line = proxyLine({ address: '', port: 0 }, { address: '203.0.113.7', port: 80 })
  expect(line).toBe('PROXY UNKNOWN\r\n')
})

describe.each(['handle', 'socket'] as const)(
  'a TCP listener with proxy protocol (%s)',
  (wireKind) => {
    const options = { protocol: 'tcp', wireKind } as const

    test.each([
      ['TCP4', ownAddress()],
      ['TCP6', '::1'],
    ])('says who connected before the first byte: %s', async (family, address) => {
      await using origin = await Origin.start()
      const port = family === 'TCP6' ? 20_000 + (process.pid % 10_000) : 8080
      await using serving = await Serving.start([], { ...options, address, port })
      await serving.apply([origin], {}, { proxyProtocol: true })
      await using client = await serving.connect()
      client.send('question')
      const peer = await origin.peer(0)
      await peer.until('question')
      const { localAddress, localPort } = client.socket
      expect(peer.received).toBe(
        `PROXY ${family} ${localAddress} ${address} ${localPort} ${port}\r\nquestion`,
      )
      expect(serving.engine.counters()[0]?.bytesIn).toBe('question'.length)
    })

    test('says it to a target that speaks first, and to each that is tried', async () => {
      await using origin = await Origin.start((peer) => {
        peer.socket.once('data', () => peer.send('220 hello'))
      })
      const refusing = { host: ownAddress(), port: 9 }
      await using serving = await Serving.start([], options)
      await serving.apply([refusing, origin], {}, { proxyProtocol: true })
      await using client = await serving.connect()
      await client.until('220 hello')
      expect((await origin.peer(0)).received).toMatch(/^PROXY TCP4 [\d. ]+\r\n$/)
    })

    test('leaves connections alone that were there when it was switched', async () => {
      await using origin = await Origin.start()
      await using serving = await Serving.start([origin], options)
      const received = async (text: string, index: number) => {
        const client = await serving.connect()
        client.send(text)
        const peer = await origin.peer(index)
        await peer.until(text)
        return { client, peer }
      }
      const before = await received('a', 0)
      await serving.apply([origin], {}, { proxyProtocol: true })
      const during = await received('b', 1)
      await serving.apply([origin], {}, { proxyProtocol: false })
      const after = await received('c', 2)
      before.client.send('d')
      during.client.send('e')
      await before.peer.until('d')
      await during.peer.until('e')
      expect(before.peer.received).toBe('ad')
      expect(during.peer.received).toMatch(/^PROXY TCP4 [\d. ]+\r\nbe$/)
      expect(after.peer.received).toBe('c')
      for (const { client } of [before, during, after]) await client[Symbol.asyncDispose]()
    })
  },
)
