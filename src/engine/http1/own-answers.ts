/** The load balancer's own answers: errors (guide, p. 112–114) and proofs for authorities that issue certificates. */

const reasons = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const

export type ErrorStatus = keyof typeof reasons

function page(status: ErrorStatus): string {
  const title = `${status} ${reasons[status]}`
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
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

/** The whole answer as text. */
export function errorAnswer(status: ErrorStatus, form: AnswerForm): string {
  return answer(`${status} ${reasons[status]}`, 'text/html', page(status), form)
}

/** The same of an answer to an authority (RFC 8555, section 8.3). */
export function proofAnswer(proof: string, form: AnswerForm): string {
  return answer('200 OK', 'application/octet-stream', proof, form)
}

/** @param body in ASCII */
function answer(status: string, type: string, body: string, form: AnswerForm): string {
  const lines = [
    `HTTP/1.1 ${status}`,
    'Server: weir',
    `Date: ${new Date(form.now).toUTCString()}`,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
  ]
  if (!form.keepAlive) lines.push('Connection: close')
  else if (form.old) lines.push('Connection: keep-alive')
  return `${lines.join('\r\n')}\r\n\r\n${form.toHead ? '' : body}`
}
