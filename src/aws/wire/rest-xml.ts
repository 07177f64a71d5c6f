/** The protocol `restXml`, as S3 speaks it: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
import type { Readable } from 'node:stream'
import { XmlShapeDeserializer } from '@aws-sdk/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import { ApiError, type Schema } from './errors.ts'
import { structure } from './model.ts'
import type { RestOperation, RestRequest } from './rest-routes.ts'
import { readScalar } from './scalar.ts'
import { xmlDocument } from './xml.ts'

export interface RestCall extends RestRequest {
  readonly values: ReadonlyMap<string, string>
  /** The whole body; asked for only when the operation's input has one that is no stream. */
  body(): Promise<Uint8Array>
}

export interface RestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Readable
}

type Members = Record<string, unknown>

/**
 * The input, without what is streamed.
 * @throws ApiError InvalidArgument, MalformedXML, MissingRequestBodyError
 */
export async function decodeRest(model: RestOperation, call: RestCall): Promise<Members> {
  const input: Members = {}
  if (model.input.isUnitSchema()) return input
  for (const [name, member] of model.input.structIterator()) {
    const value = member.getMergedTraits().httpPayload
      ? await decodePayload(member, call)
      : decodeBound(name, member, call)
    if (value !== undefined) input[name] = value
  }
  return input
}

function decodeBound(name: string, member: NormalizedSchema, call: RestCall): unknown {
  const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders } = member.getMergedTraits()
  if (httpLabel) return call.values.get(name)
  if (httpPrefixHeaders) return prefixed(call.headers, String(httpPrefixHeaders))
  if (httpQuery) return scalar(member, httpQuery as string, call.query.get(httpQuery as string))
  if (httpHeader === undefined) return undefined
  const header = String(httpHeader).toLowerCase()
  const text = Object.hasOwn(call.headers, header) ? call.headers[header] : undefined
  return scalar(member, header, text)
}

function prefixed(headers: RestCall['headers'], prefix: string): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]))
}

function scalar(member: NormalizedSchema, name: string, text: string | undefined): unknown {
  if (text === undefined) return undefined
  if (member.isListSchema()) return text.split(',').map((one) => one.trim())
  const value = member.isTimestampSchema() ? httpDate(text) : readScalar(member, text, false).value
  if (value !== undefined) return value
  throw new ApiError('InvalidArgument', `'${text}' is no value of ${name}`)
}

function httpDate(text: string): Date | undefined {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}

async function decodePayload(member: NormalizedSchema, call: RestCall): Promise<unknown> {
  if (member.isBlobSchema()) return undefined
  const bytes = await call.body()
  if (bytes.byteLength === 0) return undefined
  if (member.isStringSchema()) return Buffer.from(bytes).toString()
  try {
    return new XmlShapeDeserializer(xmlSettings).read(member as never, bytes)
  } catch {
    throw new ApiError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    )
  }
}

const dateTime = 5
const xmlSettings = {
  xmlNamespace: '',
  serviceNamespace: '',
  httpBindings: true,
  timestampFormat: { useTrait: true, default: dateTime },
} as const

/** @param output by the operation's schema; a timestamp of a header may be the header's text */
export function encodeRest(model: RestOperation, output: Members, namespace: string): RestAnswer {
  const members = membersOf(model.output)
  const headers = Object.fromEntries(
    members.flatMap(([name, member]) => encodeHeaders(member, output[name])),
  )
  const payload = members.find(([, member]) => member.getMergedTraits().httpPayload)
  const body =
    payload === undefined
      ? encodeDocument(model, members, output, namespace)
      : encodePayload(payload, output, namespace)
  if (typeof body === 'string' && body !== '') {
    const isText = payload?.[1].isStringSchema() ?? false
    headers['content-type'] ??= isText ? 'application/json' : 'application/xml'
  }
  return { status: model.status, headers, body }
}

function encodeHeaders(member: NormalizedSchema, value: unknown): [string, string][] {
  const { httpHeader, httpPrefixHeaders } = member.getMergedTraits()
  if (value === undefined) return []
  if (httpPrefixHeaders) return withPrefix(httpPrefixHeaders, value)
  return httpHeader === undefined ? [] : [[String(httpHeader).toLowerCase(), headerText(value)]]
}

/** Of all members that are bound to nothing else. */
function encodeDocument(
  { output: schema }: RestOperation,
  members: readonly [string, NormalizedSchema][],
  output: Members,
  namespace: string,
): string {
  const unbound = members.filter(([, member]) => !isBound(member))
  if (unbound.length === 0) return ''
  const root = String(schema.getMergedTraits().xmlName ?? schema.getName())
  return xmlDocument(structure(root, Object.fromEntries(unbound) as never), output, namespace)
}

function isBound(member: NormalizedSchema): boolean {
  const { httpHeader, httpPrefixHeaders } = member.getMergedTraits()
  return httpHeader !== undefined || httpPrefixHeaders !== undefined
}

/** Of the one member that is the body. */
function encodePayload(
  [name, member]: readonly [string, NormalizedSchema],
  output: Members,
  namespace: string,
): RestAnswer['body'] {
  const value = output[name]
  if (value === undefined) return ''
  if (member.isBlobSchema()) return value as Readable
  if (member.isStringSchema()) return String(value)
  const root = String(member.getMergedTraits().xmlName ?? member.getName() ?? name)
  const members = Object.fromEntries([...member.structIterator()]) as Record<string, Schema>
  return xmlDocument(structure(root, members), value as object, namespace)
}

function withPrefix(prefix: unknown, values: unknown): [string, string][] {
  const entries = Object.entries(values as Record<string, string>)
  return entries.map(([name, value]) => [`${prefix}${name}`, value])
}

function headerText(value: unknown): string {
  return value instanceof Date ? value.toUTCString() : String(value)
}

function membersOf(schema: NormalizedSchema): [string, NormalizedSchema][] {
  return schema.isUnitSchema() ? [] : [...schema.structIterator()]
}

/** "REST error responses", S3 API reference. */
export function encodeRestError(error: ApiError, resource: string, requestId: string): RestAnswer {
  const { code, message, status } = error
  const body = xmlDocument(
    errorSchema,
    { Code: code, Message: message, Resource: resource, RequestId: requestId },
    null,
  )
  return { status, headers: { 'content-type': 'application/xml' }, body }
}

const errorSchema = structure('Error', { Code: 0, Message: 0, Resource: 0, RequestId: 0 })
