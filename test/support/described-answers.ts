/** Holds answers against what their API says of them. */
import type { HuaweiEndpoint } from '../../src/huawei/wire/endpoint.ts'
import { type HuaweiResponse, pathOf } from '../../src/huawei/wire/http.ts'
import { answerForm, refusals } from '../../src/huawei/wire/openapi.ts'
import { type DescribedApi, type Route, Router } from '../../src/huawei/wire/routes.ts'

/**
 * An endpoint whose answers are those of `endpoint` where they are described, and otherwise say in what they are not.
 * @param done gets the names of the operations that were not refused
 */
export function describedOnly(
  endpoint: HuaweiEndpoint,
  apis: readonly DescribedApi[],
  done: Set<string>,
): HuaweiEndpoint {
  const router = new Router(apis)
  return async (request) => {
    const response = await endpoint(request)
    const found = router.find(request.method, pathOf(request))
    const api = apis.find((each) => each === found?.api)
    if (found === undefined || api === undefined) return response
    const reason = deviation(api, found.route, response)
    if (reason === null) {
      if (response.status < 400) done.add(found.route.name)
      return response
    }
    const error_msg = `${found.route.name} answered ${response.status} ${response.body}: ${reason}`
    const body = JSON.stringify({ error_code: 'NOT_AS_DESCRIBED', error_msg })
    return { status: 599, headers: { 'content-type': 'application/json' }, body }
  }
}

/** null: there is none. */
function deviation(api: DescribedApi, route: Route, { status, headers, body }: HuaweiResponse) {
  const refused = status >= 400
  if (status === 500) return 'an internal error'
  if (refused ? !refusals(route).has(status) : status !== route.status) return 'another status'
  const lacking = refused
    ? undefined
    : route.answerFields?.find((name) => !headers[name.toLowerCase()])
  if (lacking !== undefined) return `it lacks ${lacking}`
  const form = refused ? api.error : answerForm(api, route)
  if (form === null) return body === null ? null : 'it has a body'
  const { error } = form.safeParse(JSON.parse(body ?? 'null'))
  return error?.message ?? null
}
