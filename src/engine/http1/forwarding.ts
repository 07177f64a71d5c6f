/** How heads are written when they are passed on. */

import type { Framing } from './body-writer.ts'
import type { ClientFacts, ForwardedFields } from './forwarded-fields.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

/** The head for the target: always HTTP/1.1, with one framing field. @param forwarded what it is told about the client */
export function requestText(
  head: RequestHead,
  client: ClientFacts,
  forwarded: ForwardedFields,
): string {
  const { authority } = client.entrance
  return `${head.passed(authority)}${framingField(head)}${forwarded.lines(head, client)}${connectionFields(head)}`
}

function connectionFields(head: RequestHead): string {
  const upgrade = head.upgradeTo
  if (upgrade !== '') return `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`
  return head.takesTrailers
    ? 'Connection: TE\r\nTE: trailers\r\n\r\n'
    : 'Connection: keep-alive\r\n\r\n'
}

function framingField(head: RequestHead): string {
  const body = head.bodyLength
  if (body.kind === 'known') return `Content-Length: ${body.length}\r\n`
  return body.kind === 'chunked' ? `Transfer-Encoding: ${body.codings}\r\n` : ''
}

/** How the client's connection goes on after a response. */
export interface ResponseForm {
  readonly framing: Framing
  /** The codings that show the framing `chunked`. */
  readonly codings: string
  readonly keepAlive: boolean
  /** The client speaks HTTP/1.0, where keeping the connection must be said. */
  readonly old: boolean
  /** Further field lines. */
  readonly marks: string
}

/** The head for the client. */
export function responseText(head: ResponseHead, form: ResponseForm): string {
  const codings = form.framing === 'chunked' ? `Transfer-Encoding: ${form.codings}\r\n` : ''
  let connection = ''
  if (!form.keepAlive) connection = 'Connection: close\r\n'
  else if (form.old) connection = 'Connection: keep-alive\r\n'
  return `${fieldsText(head)}${codings}${connection}${form.marks}\r\n`
}

/** An interim head: nothing of it is about the connection. */
export function interimText(head: ResponseHead): string {
  return `${fieldsText(head)}\r\n`
}

/** The head that changes the protocol. */
export function switchingText(head: ResponseHead, marks: string): string {
  return `${fieldsText(head)}Connection: upgrade\r\nUpgrade: ${head.upgrade}\r\n${marks}\r\n`
}

/** The status line and the fields that are passed on. */
export function fieldsText(head: ResponseHead): string {
  return head.minor === 1 ? head.kept(0) : `HTTP/1.1${head.kept(8)}`
}
