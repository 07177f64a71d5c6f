/** Reads entries of access logs back, by the syntax that the guide gives (p. 98) and nothing else. */
export interface Entry {
  readonly timestamp: string
  readonly elb: string
  readonly client: string
  readonly backend: string
  /** Request, backend and response processing time. */
  readonly times: readonly [string, string, string]
  readonly elbStatus: string
  readonly backendStatus: string
  readonly receivedBytes: string
  readonly sentBytes: string
  readonly request: string
  readonly userAgent: string
  readonly cipher: string
  readonly protocol: string
}

const time = String.raw`(-1|\d+\.\d{6})`
const status = String.raw`(-|\d+)`
const syntax = new RegExp(
  String.raw`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (\S+) (\S+:\d+) (-|\S+:\d+) ${time} ${time} ${time} ${status} ${status} (\d+) (\d+) "([^"]*)" "([^"]*)" (\S+) (\S+)$`,
)

/** @param line without its end. Throws when it is not an entry */
export function readEntry(line: string): Entry {
  const found = syntax.exec(line)
  if (found === null) throw new Error(`not an entry: ${line}`)
  const [, timestamp, elb, client, backend, first, second, third, ...rest] = found as string[]
  const [elbStatus, backendStatus, receivedBytes, sentBytes, request, userAgent] = rest
  const [cipher, protocol] = rest.slice(-2)
  return {
    timestamp,
    elb,
    client,
    backend,
    times: [first, second, third],
    elbStatus,
    backendStatus,
    receivedBytes,
    sentBytes,
    request: unescaped(request ?? ''),
    userAgent: unescaped(userAgent ?? ''),
    cipher,
    protocol,
  } as Entry
}

/** One byte a character. */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
