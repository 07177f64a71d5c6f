import { Origin, type Peer } from './peer.ts'
import { ok } from './serving.ts'

export interface WrittenRequest {
  readonly head: string
  readonly target: string
  readonly body: string
}

/** The first of the requests in what came, read as RFC 9112 has it and not a bit otherwise; undefined: not whole yet. */
function firstRequest(received: string): { request: WrittenRequest; length: number } | undefined {
  const headEnd = received.indexOf('\r\n\r\n') + 4
  if (headEnd < 4) return undefined
  const head = received.slice(0, headEnd)
  if (
    !/^[!-~]+ [!-~\x80-\xff]+ HTTP\/1\.1\r\n(?:[\w!#$%&'*+\-.^`|~]+: [\t -~\x80-\xff]*\r\n)+\r\n$/.test(
      head,
    )
  ) {
    throw new Error(`not a strict head: ${JSON.stringify(head)}`)
  }
  const framings = head.match(/^(?:transfer.?encoding|content.?length)\b.*(?=\r)/gim) ?? []
  if (framings.length > 1) throw new Error(`two framings: ${framings}`)
  const target = head.split(' ')[1] as string
  const rest = received.slice(headEnd)
  if (framings[0]?.startsWith('Transfer-Encoding: ')) {
    const body =
      /^(?:[0-9a-f]+\r\n[\s\S]*?\r\n)*?0\r\n(?:[\w-]+: ?[\t -~\x80-\xff]*\r\n)*\r\n/.exec(rest)?.[0]
    return body === undefined
      ? undefined
      : { request: { head, target, body }, length: headEnd + body.length }
  }
  const length = Number(/^Content-Length: (\d+)$/.exec(framings[0] ?? 'Content-Length: 0')?.[1])
  if (rest.length < length) return undefined
  return { request: { head, target, body: rest.slice(0, length) }, length: headEnd + length }
}

/** An instance that writes down the requests that it reads, and what it cannot read, and answers each with its target. */
export function recordingOrigin(requests: WrittenRequest[], faults: string[]): Promise<Origin> {
  const play = (peer: Peer) => {
    peer.socket.on('data', () => {
      try {
        for (let next = firstRequest(peer.received); next; next = firstRequest(peer.received)) {
          peer.received = peer.received.slice(next.length)
          requests.push(next.request)
          peer.send(ok(next.request.target))
        }
      } catch (fault) {
        faults.push(String(fault))
        peer.socket.destroy()
      }
    })
  }
  return Origin.start(play)
}
