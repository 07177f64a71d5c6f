import { expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { Serving } from '../../../test/support/serving.ts'

const chunkedAnswer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

test('trailers of a response reach the client behind the last chunk', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\nTE: trailers, deflate\r\n\r\n')
  const peer = await origin.peer(0)
  const request = await peer.until('\r\n\r\n')
  expect(request).toContain('\r\nConnection: TE\r\nTE: trailers\r\n')
  peer.send(`${chunkedAnswer}2\r\nok\r\n0\r\nGrpc-Status: 0\r\nX:\r\n\r\n`)
  expect(await client.until(/\r\n0\r\n[\s\S]*\r\n\r\n$/)).toMatch(
    /2\r\nok\r\n0\r\nGrpc-Status: 0\r\nX:\r\n\r\n$/,
  )
})

test.each([
  'Content-Length: 5',
  'transfer-encoding: chunked',
  'Host: b',
  'X-Forwarded-For: 1.2.3.4',
  'Set-Cookie: a=b',
  'Connection: close',
])('a trailer that could change the message does not pass: %s', async (line) => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send(
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${line}\r\nFine: y\r\n\r\n`,
  )
  const peer = await origin.peer(0)
  const received = await peer.until(/\r\n0\r\n[\s\S]*\r\n\r\n$/)
  expect(received).toMatch(/1\r\nx\r\n0\r\nFine: y\r\n\r\n$/)
})

test('an HTTP/1.0 client gets the body without its trailers', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin])
  await using client = await serving.connect()
  client.send('GET / HTTP/1.0\r\n\r\n')
  const peer = await origin.peer(0)
  await peer.until('\r\n\r\n')
  peer.send(`${chunkedAnswer}2\r\nok\r\n0\r\nX: y\r\n\r\n`)
  await client.untilEnded()
  expect(client.received).toMatch(/\r\n\r\nok$/)
})
