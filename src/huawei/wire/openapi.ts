/**
 * The routes as an OpenAPI document: what is taken comes from the schemas that requests are read by, what is answered from those that the
 * types of answers come from. https://spec.openapis.org/oas/v3.1.0
 */
import { z } from 'zod'
import { pagingForms } from './paging.ts'
import { type Api, type DescribedApi, type Route, route } from './routes.ts'

/** An API of one route, which anybody may ask: `GET /v3/openapi.json`. */
export function openApiOf(apis: readonly DescribedApi[]): Api {
  let document: object | undefined
  return {
    name: 'openapi',
    routes: [
      route({
        method: 'GET',
        path: '/v3/openapi.json',
        name: 'ShowOpenApi',
        status: 200,
        open: true,
        run: async () => {
          document ??= describe(apis)
          return { status: 200, body: document }
        },
      }),
    ],
    encode: (body) => body,
    encodeError: ({ message }) => ({ message }),
  }
}

/** The form of a route's answer as clients get it; null: it has no body. */
export function answerForm({ added }: DescribedApi, { answer }: Route): z.ZodObject | null {
  return answer === undefined ? null : answer.extend(added)
}

/** What an operation may be refused with, by status; others are possible. */
export function refusals({ method, open }: Route): Map<number, string> {
  const writes = method !== 'GET'
  const possible: readonly [boolean, number, string][] = [
    [true, 400, 'A parameter or an attribute is malformed, unknown, missing, or does not fit'],
    [open === undefined || writes, 401, 'Who asks has not proved who they are'],
    [true, 403, 'It is not permitted, or not in the state that things are in'],
    [true, 404, 'Something that the request names is not there'],
    [writes, 409, 'Something else is in the way, or the quota is used up'],
    [true, 413, 'The body is too large'],
    [true, 500, 'An internal error'],
    [writes, 503, 'Something that is needed cannot be reached now'],
  ]
  return new Map(possible.flatMap(([is, status, text]) => (is ? [[status, text]] : [])))
}

type Schemas = Record<string, unknown>

function describe(apis: readonly DescribedApi[]): object {
  const paths: Record<string, Record<string, object>> = {}
  const schemas: Schemas = {}
  for (const api of apis) {
    for (const each of api.routes) {
      const path = paths[each.path] ?? {}
      path[each.method.toLowerCase()] = operation(api, each, schemas)
      paths[each.path] = path
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Weir: Elastic Load Balance v3 and Identity v3 of Huawei Cloud', version: '3' },
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…',
        },
      },
    },
  }
}

function operation(api: DescribedApi, described: Route, schemas: Schemas): object {
  const { name, path, query = [], body, open } = described
  return {
    operationId: name,
    parameters: [...pathParameters(path), ...query.map(queryParameter)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: json(form(body, 'input', schemas)) } }),
    responses: responses(api, described, schemas),
    security: open ? [] : [{ token: [] }, { signature: [] }],
  }
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

/** All but those of pages can be given many times. */
function queryParameter(name: string): object {
  const schema = pagingForms[name] ?? { type: 'array', items: { type: 'string' } }
  return { name, in: 'query', schema }
}

function responses(api: DescribedApi, described: Route, schemas: Schemas): object {
  const { status, answerFields = [] } = described
  const text = { type: 'string' }
  const headers = Object.fromEntries(
    ['X-Request-Id', ...answerFields].map((name) => [name, { schema: text }]),
  )
  const answer = answerForm(api, described)
  const error = json(form(z.strictObject({ error: api.error }), 'output', schemas).properties.error)
  const refused = [...refusals(described)].map(([refusal, description]) => [
    refusal,
    { description, content: error },
  ])
  return {
    [status]: {
      description: 'Done',
      headers,
      ...(answer === null ? {} : { content: json(form(answer, 'output', schemas)) }),
    },
    ...Object.fromEntries(refused),
    default: { description: 'Refused: the body says why', content: error },
  }
}

function json(schema: object): object {
  return { 'application/json': { schema } }
}

/** As JSON Schema. Parts that have names go to the document's own schemas, and are referred to. */
function form(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas) {
  const {
    $schema: _,
    $defs,
    ...shape
  } = JSON.parse(
    JSON.stringify(
      z.toJSONSchema(schema, {
        io,
        unrepresentable: 'any',
        override: ({ jsonSchema }) => void delete jsonSchema.id,
      }),
    ).replaceAll('"#/$defs/', '"#/components/schemas/'),
  )
  Object.assign(schemas, $defs)
  return shape
}
