import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { answering, RawInstance } from '../../../test/support/raw-instance.ts'
import type { HttpProbe } from '../../snapshot/snapshot.ts'
import { systemClock } from '../../std/clock.ts'
import type { Verdict } from './attempt.ts'
import { hostField, probeHttp } from './probe-http.ts'

function probe(port: number, clock = systemClock, change: Partial<HttpProbe> = {}) {
  const target = { id: 'check', host: '127.0.0.1', port, interval: 30_000, timeout: 5000 }
  const check = { ...target, healthyThreshold: 10, unhealthyThreshold: 2 }
  const http: HttpProbe = { protocol: 'http', path: '/ping?a=b', ...change }
  return probeHttp({ ...check, probe: http }, http, clock)
}

async function verdictOn(serve: (socket: Socket) => void): Promise<Verdict> {
  await using instance = await RawInstance.listen(serve)
  return await probe(instance.port).verdict
}

const end = (socket: Socket) => socket.end()
const reset = (socket: Socket) => socket.resetAndDestroy()
const early = 'connection closed before the answer was complete'

describe('An HTTP check', () => {
  test('is this request', async () => {
    let bytes = ''
    await using instance = await RawInstance.listen((socket) => {
      socket.on('data', (read) => {
        bytes += read.toString('latin1')
        if (bytes.endsWith('\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
    })
    await probe(instance.port).verdict
    expect(bytes).toBe(
      `GET /ping?a=b HTTP/1.1\r\nHost: 127.0.0.1:${instance.port}\r\nUser-Agent: ELB-HealthChecker/1.0\r\nConnection: close\r\n\r\n`,
    )
  })

  test('names an IPv6 host in brackets', () => {
    expect(hostField({ host: 'fd00::1', port: 80 })).toBe('[fd00::1]:80')
    expect(hostField({ host: '10.0.0.1', port: 8080 })).toBe('10.0.0.1:8080')
  })

  test.each([
    ['a body of the length told', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['no body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    [
      'a chunked body',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n',
    ],
    [
      'an interim answer first',
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['bytes after the answer', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more'],
    [
      'bytes after the last answer',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok and more',
    ],
  ])('passes on 200 with %s, without waiting for the end of the connection', async (_, bytes) => {
    expect(await verdictOn(answering(bytes))).toEqual({ kind: 'passed', detail: 'answered 200' })
  })

  test('passes on 200 without a body and without its length', async () => {
    const verdict = await verdictOn(answering('HTTP/1.1 200 OK\r\n\r\n', end))
    expect(verdict).toEqual({ kind: 'passed', detail: 'answered 200' })
  })

  test('reads no more than 1 MiB of an answer', async () => {
    const endless = `HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n${'x'.repeat(1024 * 1024 + 1)}`
    expect(await verdictOn(answering(endless))).toMatchObject({ kind: 'passed' })
  })

  test.each([
    ['answered 503', 'HTTP/1.1 503 \r\n\r\n'],
    ['answered 204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['answered 301', 'HTTP/1.1 301 Moved\r\nContent-Length: 5\r\n\r\n'],
    ['answered 101', 'HTTP/1.1 101 \r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['answered 200 with neither Content-Length nor chunked coding', 'HTTP/1.1 200 OK\r\n\r\nok'],
    ['the answer is not valid HTTP (HPE_INVALID_CONSTANT)', 'SSH-2.0-\x1b[31m\r\n'],
    [
      'answered with a head of more than 65536 bytes',
      `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}\r\n\r\n`,
    ],
  ])('fails: %s', async (detail, bytes) => {
    expect(await verdictOn(answering(bytes))).toEqual({ kind: 'failed', detail })
  })

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nCont'],
    ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['no last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'],
  ])('fails when the instance closes after %s', async (_, bytes) => {
    const closing = bytes === '' ? (socket: Socket) => socket.resume().end() : answering(bytes, end)
    expect(await verdictOn(closing)).toEqual({ kind: 'failed', detail: early })
  })

  test('fails when the instance resets the connection', async () => {
    const verdict = await verdictOn((socket) => socket.once('data', () => reset(socket)))
    expect(verdict).toEqual({ kind: 'failed', detail: 'connection reset' })
  })

  test('fails when the answer is not complete in time, however much of it has come', async () => {
    const clock = new ManualClock()
    const answered = Promise.withResolvers<Socket>()
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'
    await using instance = await RawInstance.listen(answering(half, answered.resolve))
    const { verdict } = probe(instance.port, clock)
    await answered.promise
    clock.advance(4999)
    expect(clock.pending).toBe(1)
    clock.advance(1)
    expect(await verdict).toEqual({ kind: 'failed', detail: 'no answer within 5 s' })
    expect(clock.pending).toBe(0)
  })

  test('has the same verdict when the answer comes byte by byte', async () => {
    const bytes = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nmore'
    const verdict = await verdictOn((socket) => {
      socket.setNoDelay(true)
      socket.once('data', async () => {
        for (const byte of bytes) {
          socket.write(byte)
          await turn()
        }
      })
    })
    expect(verdict).toEqual({ kind: 'passed', detail: 'answered 200' })
  })
})

describe('An HTTP check with settings of its own', () => {
  async function asked(change: Partial<HttpProbe>, answer: string) {
    let bytes = ''
    await using instance = await RawInstance.listen((socket) => {
      socket.on('data', (read) => {
        bytes += read.toString('latin1')
        if (bytes.endsWith('\r\n\r\n')) socket.end(answer)
      })
    })
    const verdict = await probe(instance.port, systemClock, change).verdict
    return { request: bytes, verdict }
  }
  const empty = (status: number) => `HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])(
    'asks for its path with the method %s and its host',
    async (method) => {
      const { request, verdict } = await asked({ method, host: 'www.example' }, empty(200))
      expect(request).toMatch(new RegExp(`^${method} /ping\\?a=b HTTP/1\\.1\\r\\n`))
      expect(request).toContain('\r\nHost: www.example\r\n')
      expect(verdict).toEqual({ kind: 'passed', detail: 'answered 200' })
    },
  )

  const expected: HttpProbe['expected'] = [
    [200, 202],
    [301, 301],
  ]
  test.each([
    [200, 'passed'],
    [201, 'passed'],
    [202, 'passed'],
    [203, 'failed'],
    [301, 'passed'],
    [302, 'failed'],
    [500, 'failed'],
  ])('with 200–202 and 301 expected, %i has %s', async (status, kind) => {
    const { verdict } = await asked({ expected }, empty(status))
    expect(verdict).toEqual({ kind, detail: `answered ${status}` })
  })

  test('wants a body of an expected answer in whole', async () => {
    const { verdict } = await asked({ expected }, 'HTTP/1.1 201 X\r\nContent-Length: 5\r\n\r\nhalf')
    expect(verdict).toMatchObject({ kind: 'failed' })
  })

  test('takes an answer that cannot have a body', async () => {
    const { verdict } = await asked({ expected: [[204, 204]] }, 'HTTP/1.1 204 X\r\n\r\n')
    expect(verdict).toEqual({ kind: 'passed', detail: 'answered 204' })
  })
})
