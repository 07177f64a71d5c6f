/** Calls of Huawei Cloud's and OpenStack's APIs as events of the one history. Names are those of their own APIs. */
import { eventRecord } from '../aws/cloudtrail/events/event-record.ts'
import { hidden, recordedJson } from '../aws/cloudtrail/events/members.ts'
import { tokenRequest } from '../huawei/keystone/schemas.ts'
import type { FinishedCall } from '../huawei/wire/finished-call.ts'
import type { ApiEvent, EventResource } from '../trail/event.ts'

/** By the name of an API: whose it is, as AWS has its services below `amazonaws.com`. */
const sources: Readonly<Record<string, string>> = {
  elb: 'elb.myhuaweicloud.com',
  keystone: 'iam.myhuaweicloud.com',
  octavia: 'octavia.openstack.org',
  neutron: 'neutron.openstack.org',
}

/** By the part of a path that a resource's id follows. Bodies have the resource under its type's name. */
const types: Readonly<Record<string, string>> = {
  loadbalancers: 'loadbalancer',
  listeners: 'listener',
  pools: 'pool',
  members: 'member',
  healthmonitors: 'healthmonitor',
  certificates: 'certificate',
  ipgroups: 'ipgroup',
  l7policies: 'l7policy',
  rules: 'rule',
  'security-policies': 'security_policy',
  logtanks: 'logtank',
}

/** Of what nobody known asked, who can ask as often as they like: more than any login has. */
const maxForeignBytes = 4096

/** Longer than any id. */
const maxId = 64

export interface Place {
  readonly accountId: string
  /** All projects are in it. */
  readonly region: string
}

/** @param isAccessKey whether there is an access key of that id */
export async function huaweiEvent(
  call: FinishedCall,
  { accountId, region }: Place,
  isAccessKey: (id: string) => Promise<boolean>,
): Promise<ApiEvent> {
  const { route, params, input, output, authenticated } = call
  const asked = authenticated
    ? recordedJson({ ...params, ...input })
    : recordedJson(await withoutUnknownUser({ ...input }, isAccessKey), maxForeignBytes)
  const readOnly = route.method === 'GET'
  const record = eventRecord(
    {
      ...call,
      eventSource: sources[call.api] ?? call.api,
      eventName: route.name,
      awsRegion: region,
      readOnly,
      requestParameters: asked,
      responseElements: output === null || readOnly ? null : recordedJson(output),
    },
    accountId,
  )
  return { record, time: call.time, resources: authenticated ? resourcesOf(call) : [] }
}

/** Of a refused login, a user that nobody knows is hidden, as CloudTrail does: it may be a secret in the wrong place. */
async function withoutUnknownUser(
  input: Readonly<Record<string, unknown>>,
  isAccessKey: (id: string) => Promise<boolean>,
): Promise<object> {
  const auth = tokenRequest.safeParse(input).data?.auth
  if (auth?.identity.password === undefined) return input
  const { identity } = auth
  const { name, id, ...user } = auth.identity.password.user
  const shown = async (text: string) => ((await isAccessKey(text)) ? text : hidden)
  const known = {
    ...(name === undefined ? {} : { name: await shown(name) }),
    ...(id === undefined ? {} : { id: await shown(id) }),
  }
  const password = { user: { ...known, ...user } }
  return { ...input, auth: { ...auth, identity: { ...identity, password } } }
}

/** What the path names, what the answer shows, and what else the request refers to by an id. */
function resourcesOf({ route, params, input, output }: FinishedCall): EventResource[] {
  const parts = route.path.split('/')
  const inPath = Object.entries(params).map(([param, name]) => {
    const before = parts[parts.indexOf(`{${param}}`) - 1] ?? ''
    return { type: types[before], name }
  })
  const bodies = [['', input], ...Object.entries({ ...input }), ...Object.entries({ ...output })]
  const named = bodies.flatMap(([noun, value]) => resourcesIn(String(noun), value))
  const found = [...inPath, ...named].filter((one): one is EventResource => isResource(one))
  return [...new Map(found.map((one) => [`${one.type} ${one.name}`, one])).values()]
}

function isResource({ type, name }: { type: string | undefined; name: string }): boolean {
  return type !== undefined && name.length <= maxId
}

function resourcesIn(noun: string, value: unknown): EventResource[] {
  if (typeof value !== 'object' || value === null) return []
  const known = Object.values(types)
  return Object.entries(value).flatMap(([key, id]) => {
    const type = key === 'id' ? noun : key.replace(/^default_/, '').replace(/_id$/, '')
    return typeof id === 'string' && /(^|_)id$/.test(key) && known.includes(type)
      ? [{ type, name: id }]
      : []
  })
}
