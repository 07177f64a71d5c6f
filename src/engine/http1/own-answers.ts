/** The load balancer's own answers: errors (guide, p. 112–114), proofs for authorities that issue certificates, and what rules say. */
import { STATUS_CODES } from 'node:http'

export type ErrorStatus = 400 | 405 | 408 | 414 | 431 | 501 | 502 | 503 | 504

export interface OwnAnswer {
  readonly status: number
  /** The media type of the body; empty: there is none. */
  readonly type: string
  /** One character a byte. */
  readonly body: string
  /** Further field lines, each with its CRLF. */
  readonly fields: string
}

export interface AnswerForm {
  readonly keepAlive: boolean
  /** The client speaks HTTP/1.0. */
  readonly old: boolean
  /** It answers a HEAD request: no body. */
  readonly toHead: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** @param fields further field lines, each with its CRLF */
export function errorAnswer(status: ErrorStatus, fields = ''): OwnAnswer {
  return pageAnswer(status, fields)
}

/** A page that says what the status means. */
export function pageAnswer(status: number, fields: string): OwnAnswer {
  const title = `${status} ${reasonOf(status)}`
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
  return { status, type: 'text/html', body, fields }
}

/** The answer to an authority (RFC 8555, section 8.3). */
export function proofAnswer(proof: string): OwnAnswer {
  return { status: 200, type: 'application/octet-stream', body: proof, fields: '' }
}

/** The whole answer as HTTP/1.1 has it. */
export function answerText({ status, type, body, fields }: OwnAnswer, form: AnswerForm): string {
  const date = new Date(form.now).toUTCString()
  let head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\nServer: weir\r\nDate: ${date}\r\n`
  // A client does not look for a body behind 204 (RFC 9112, section 6.3).
  const bodiless = status === 204
  if (type !== '' && !bodiless) head += `Content-Type: ${type}\r\n`
  if (!bodiless) head += `Content-Length: ${body.length}\r\n`
  if (!form.keepAlive) head += 'Connection: close\r\n'
  else if (form.old) head += 'Connection: keep-alive\r\n'
  return `${head}${fields}\r\n${form.toHead || bodiless ? '' : body}`
}

function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? ''
}
