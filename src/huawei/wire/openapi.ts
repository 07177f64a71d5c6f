/** The routes as an OpenAPI document: what is taken comes from the schemas that requests are read by. https://spec.openapis.org/oas/v3.1.0 */
import { z } from 'zod'
import { type Api, type Route, route } from './routes.ts'

/** An API of one route, which anybody may ask: `GET /v3/openapi.json`. */
export function openApiOf(apis: readonly Api[]): Api {
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

function describe(apis: readonly Api[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const each of apis.flatMap(({ routes }) => routes)) {
    const path = paths[each.path] ?? {}
    path[each.method.toLowerCase()] = operation(each)
    paths[each.path] = path
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Weir: Elastic Load Balance v3 and Identity v3 of Huawei Cloud', version: '3' },
    paths,
    components: {
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

function operation({ name, path, query = [], body, status, open }: Route): object {
  return {
    operationId: name,
    parameters: [...pathParameters(path), ...query.map(queryParameter)],
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      [status]: { description: 'Done' },
      default: { description: 'Refused: the body says why' },
    },
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

/** All can be given many times. */
function queryParameter(name: string): object {
  return { name, in: 'query', schema: { type: 'array', items: { type: 'string' } }, explode: true }
}

function requestBody(schema: z.ZodType): object {
  const { $schema: _, ...form } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return { required: true, content: { 'application/json': { schema: form } } }
}
