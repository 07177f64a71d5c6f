import { describe, expect, test } from 'vitest'
import { desyncCases, withHost } from '../../../test/support/desync-cases.ts'
import { Origin } from '../../../test/support/peer.ts'
import { Reports } from '../../../test/support/reports.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Cases that monitor mode refuses too: a malformed method, a URI that is no path, and bodies whose end nobody can tell. */
const neverServed = new Set([
  ...[47, 48, 49, 50, 54, 55, 56, 61, 62, 66, 67, 117, 118, 119, 120, 121, 122, 123, 124],
  ...[143, 154],
])

function sumOfCounts({ engine }: Serving): number {
  const counts = engine.counters().map(({ nonCompliantRequests }) => nonCompliantRequests)
  return counts.flatMap((each) => Object.values(each)).reduce((sum, count) => sum + count)
}

describe.each(['monitor', 'defensive', 'strictest'] as const)('the corpus live, %s', (desync) => {
  const served = {
    monitor: ['Compliant', 'Acceptable', 'Ambiguous', 'Severe'],
    defensive: ['Compliant', 'Acceptable', 'Ambiguous'],
    strictest: ['Compliant'],
  }[desync]

  test('gets the answer of its tier', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin], { desync })
    for (const [index, { title, raw, tier, isOtherOnTheWire }] of desyncCases.entries()) {
      await using client = await serving.connect()
      client.send(withHost(raw))
      const answer = await client.until(/^HTTP\/1\.1 \d+ /)
      const expected = served.includes(tier) && !neverServed.has(index) ? 200 : 400
      if (!isOtherOnTheWire) expect(answer, title).toMatch(`HTTP/1.1 ${expected} `)
      else if (desync === 'strictest') expect(answer, title).toMatch('HTTP/1.1 400 ')
    }
    const notCompliant = desyncCases.filter(({ tier }) => tier !== 'Compliant')
    expect(sumOfCounts(serving)).toBe(notCompliant.length)
  })
})

test.each([0, 7, 20, 42, 60, 99, 117, 128, 148])(
  'case %i of the corpus gets the same answer byte by byte',
  async (index) => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin])
    const request = withHost(desyncCases[index]?.raw ?? '')
    const whole = await serving.connect()
    whole.send(request)
    const split = await serving.connect()
    for (const byte of request) {
      split.send(byte)
      await new Promise((next) => setImmediate(next))
    }
    const [status] = (await whole.until(/^HTTP\/1\.1 \d+ /)).split('\r\n')
    expect(await split.until(/^HTTP\/1\.1 \d+ /)).toMatch(`${status}\r\n`)
    await whole[Symbol.asyncDispose]()
    await split[Symbol.asyncDispose]()
  },
)

test('after an ambiguous request neither of its connections is used again', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(`GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nb${get}`)
  await client.untilEnded()
  expect(client.received).toMatch(
    /^HTTP\/1\.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx$/,
  )
  await (await origin.peer(0)).untilEnded()
  await using other = await serving.connect()
  other.send(get)
  await other.until(/x$/)
  expect(origin.peers).toHaveLength(2)
})

test('after an acceptable request both are', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(`GET / HTTP/1.1\nHost: a\n\n${get}`)
  await client.until(/x[^x]*x$/)
  expect(origin.peers).toHaveLength(1)
})

test('a change of mode holds from the next request on, and closes nothing', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  const acceptable = 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'
  client.send(acceptable)
  await client.until(/x$/)
  await serving.apply([origin], { desync: 'strictest' })
  client.take()
  client.send(get)
  await client.until(/x$/)
  client.take()
  client.send(acceptable)
  await client.until(/^HTTP\/1\.1 400 /)
})

test('requests that do not comply are counted by reason, served or not', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin])
  await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await serving.exchange('GET / HTTP/1.1\nHost: a\nConnection: close\n\n')
  await serving.exchange('GET / HTTP/1.1\nHost: a\nConnection: close\n\n')
  await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n')
  expect(serving.engine.counters()[0]?.nonCompliantRequests).toEqual({
    NonCrLfLineTermination: 2,
    BadHeader: 1,
  })
})

test('the classification is reported with the request', async () => {
  const observer = new Reports()
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin], { observer })
  await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await serving.exchange('GET / HTTP/1.1\nHost: a\nConnection: close\n\n')
  await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nContent_Length: 3\r\n\r\n')
  await serving.exchange('GET / HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n')
  const seen = observer.exchanges.map(({ classification: { tier, reason }, status }) => [
    ...[tier, reason, status],
  ])
  expect(seen).toEqual([
    ['Compliant', null, 200],
    ['Acceptable', 'NonCrLfLineTermination', 200],
    ['Ambiguous', 'SuspiciousHeader', 200],
    ['Severe', 'BadHeader', 400],
  ])
})
