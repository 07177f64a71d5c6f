import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { eventually } from './eventually.ts'

export interface Mail {
  /** Of the envelope. */
  readonly from: string
  readonly to: readonly string[]
  /** In lower case; of more with one name, the last. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  readonly encrypted: boolean
  readonly user: string | undefined
}

/** A real SMTP server that keeps what it gets. */
export class MailServer implements AsyncDisposable {
  readonly mails: Mail[] = []
  readonly port: number
  /** Why it takes no mail from now on: the response code. */
  refusal: number | undefined
  readonly #server: SMTPServer

  private constructor(server: SMTPServer) {
    this.#server = server
    this.port = (server.server.address() as AddressInfo).port
  }

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: options.secure || options.key ? [] : ['STARTTLS', 'AUTH'],
      onAuth({ username, password }, _session, done) {
        if (username === 'weir' && password === 'secret') done(null, { user: username })
        else done(new Error('wrong password'))
      },
      onRcptTo(_address, _session, done) {
        const { refusal } = started
        if (refusal === undefined) done()
        else done(Object.assign(new Error('no'), { responseCode: refusal }))
      },
      async onData(stream, { envelope, secure, user }, done) {
        let source = ''
        for await (const chunk of stream.setEncoding('latin1')) source += chunk
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const to = envelope.rcptTo.map(({ address }) => address)
        started.mails.push({ from, to, encrypted: secure, user: user as string, ...parse(source) })
        done()
      },
      ...options,
    })
    server.on('error', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
    const started = new MailServer(server)
    return started
  }

  /** The mails so far, once there are so many. */
  async received(count: number): Promise<readonly Mail[]> {
    await eventually(`${count} mails`, () => this.mails.length >= count)
    return this.mails
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    await promise
  }
}

function parse(source: string): Pick<Mail, 'headers' | 'text'> {
  const end = source.indexOf('\r\n\r\n')
  const lines = source
    .slice(0, end)
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), decodedWords(line.slice(colon + 1).trim())]
    }),
  )
  const body = decoded(source.slice(end + 4), headers.get('content-transfer-encoding') ?? '')
  return { headers, text: body.toString('utf8').replaceAll('\r\n', '\n') }
}

function decoded(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1')
  return unquoted(body.replaceAll('=\r\n', ''))
}

function unquoted(text: string): Buffer {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}

/** RFC 2047, in UTF-8. */
function decodedWords(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?(.*?)\?=/gi, (_, kind, text) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString()
        : unquoted(text.replaceAll('_', ' ')).toString(),
    )
}
