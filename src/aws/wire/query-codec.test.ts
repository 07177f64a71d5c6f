import { AwsEc2QueryProtocol, AwsQueryProtocol } from '@aws-sdk/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ec2QueryProtocol } from './ec2-query.ts'
import type { ApiError, Schema } from './errors.ts'
import { parseForm } from './form.ts'
import { type OperationModel, operationModel, requiredCount, structure } from './model.ts'
import { maxNameSegments, maxParameters } from './parameter-tree.ts'
import type { Protocol } from './protocol.ts'
import { queryProtocol } from './query.ts'

const query = queryProtocol('1', 'urn:test')
const ec2Query = ec2QueryProtocol('1', 'urn:test')

const elb = await import('@aws-sdk/client-elastic-load-balancing')
const iam = await import('@aws-sdk/client-iam')
const ec2 = await import('@aws-sdk/client-ec2')

/** Any value that a client can send and that comes through the SDK's serializer whole. */
function anyValue(schema: NormalizedSchema, flat: boolean): fc.Arbitrary<unknown> {
  if (schema.isStructSchema()) return anyStructure(schema, flat)
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    // EC2 has no way to say "empty list"; above nine members, the order of numbers is not that of their texts.
    const bounds = { minLength: flat ? 1 : 0, maxLength: item.isStructSchema() ? 2 : 11 }
    return fc.array(anyValue(item, flat), { ...bounds, size: 'max' })
  }
  if (schema.isMapSchema()) {
    const keys = fc.string({ minLength: 1 }).filter((key) => key !== '__proto__')
    return fc
      .dictionary(keys, anyValue(schema.getValueSchema(), flat), { minKeys: 1, maxKeys: 4 })
      .map((map) => ({ ...map }))
  }
  if (schema.isNumericSchema()) return fc.maxSafeInteger().map((n) => n + 0)
  if (schema.isBooleanSchema()) return fc.boolean()
  if (schema.isTimestampSchema())
    return fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  if (schema.isBlobSchema()) return fc.uint8Array().map((bytes) => new Uint8Array(bytes))
  return fc.string({ unit: 'binary' })
}

/** Some of the members, at least one: a structure without any cannot be sent. */
function anyStructure(
  schema: NormalizedSchema,
  flat: boolean,
): fc.Arbitrary<Record<string, unknown>> {
  const members = [...schema.structIterator()]
  const required = members.slice(0, requiredCount(schema)).map(([name]) => name)
  const optional = members.map(([name]) => name).filter((name) => !required.includes(name))
  // The SDK fills in idempotency tokens that are not given.
  const tokens = members.filter(([, m]) => m.isIdempotencyToken()).map(([name]) => name)
  const minLength = required.length + tokens.length > 0 ? 0 : 1
  const values = members.map(([name, member]) => [name, anyValue(member, flat)] as const)
  return fc
    .tuple(fc.subarray(optional, { minLength }), fc.record(Object.fromEntries(values)))
    .map(([chosen, all]) => {
      const sent = new Set([...required, ...tokens, ...chosen])
      return Object.fromEntries(Object.entries(all).filter(([name]) => sent.has(name)))
    })
}

const options = {
  defaultNamespace: 'test',
  xmlNamespace: 'urn:test',
  version: '1',
  errorTypeRegistries: [],
}
const clients = {
  query: new AwsQueryProtocol(
    options as unknown as ConstructorParameters<typeof AwsQueryProtocol>[0],
  ),
  ec2Query: new AwsEc2QueryProtocol(
    options as unknown as ConstructorParameters<typeof AwsEc2QueryProtocol>[0],
  ),
}

/** The form that the SDK's own client sends. */
async function encode(
  client: AwsQueryProtocol,
  name: string,
  input: Schema,
  value: unknown,
): Promise<string> {
  const context = { endpoint: async () => ({ protocol: 'http:', hostname: 'x', path: '/' }) }
  const request = await client.serializeRequest(
    { namespace: 'test', name, traits: 0, input, output: 'unit' } as unknown as Parameters<
      typeof client.serializeRequest
    >[0],
    value as object,
    context as unknown as Parameters<typeof client.serializeRequest>[2],
  )
  return String(request.body)
}

function decode(protocol: Protocol, model: OperationModel, form: string): Record<string, unknown> {
  const parameters = parseForm(form).filter(([name]) => name !== 'Action' && name !== 'Version')
  return protocol.decodeInput(model, {
    form: 'parameters',
    operation: model.name,
    api: '1',
    parameters,
    document: new Uint8Array(),
  })
}

function refused(
  protocol: Protocol,
  model: OperationModel,
  form: string,
): Pick<ApiError, 'code' | 'message'> {
  try {
    decode(protocol, model, form)
  } catch (error) {
    const { code, message } = error as ApiError
    return { code, message }
  }
  throw new Error(`${form} was accepted`)
}

function modelOf(schemas: object, name: string): OperationModel {
  const model = operationModel(schemas as Record<string, unknown>, name)
  if (model === undefined) throw new Error(`no operation ${name}`)
  return model
}

function synthetic(input: Schema): OperationModel {
  return { name: 'Test', input: NormalizedSchema.of(input), output: NormalizedSchema.of('unit') }
}

/** `[kind, namespace, name, traits, …]`; a member of two elements is schema and traits. */
const corners = structure('Corners', {
  Flat: [
    [1, '', 'FlatList', 0, [0, 0]],
    { xmlFlattened: 1, xmlName: 'FlatName' },
  ] as unknown as Schema,
  Named: [1, '', 'NamedList', 0, [0, { xmlName: 'Item' }]] as unknown as Schema,
  Renamed: [0, { xmlName: 'Other' }] as unknown as Schema,
  Map: [2, '', 'Map', 0, 0, 1] as unknown as Schema,
  FlatMap: [
    [2, '', 'FlatMap', 0, [0, { xmlName: 'K' }], [0, { xmlName: 'V' }]],
    { xmlFlattened: 1 },
  ] as unknown as Schema,
  Nested: [1, '', 'Lists', 0, () => [1, '', 'Inner', 0, 1]] as unknown as Schema,
  Blob: 21 as unknown as Schema,
  Time: 5 as unknown as Schema,
  Epoch: 7 as unknown as Schema,
})

describe('what the SDK encodes is decoded to the same input', () => {
  const elbOperations = Object.keys(elb)
    .filter((name) => /^[A-Z]\w+Command$/.test(name))
    .map((name) => name.slice(0, -7))

  it('knows all 29 operations of Elastic Load Balancing', () => {
    expect(elbOperations).toHaveLength(29)
  })

  const cases: [string, AwsQueryProtocol, Protocol, OperationModel, boolean][] = [
    ...elbOperations.map(
      (name) =>
        ['elb', clients.query, query, modelOf(elb, name), false] as [
          string,
          AwsQueryProtocol,
          Protocol,
          OperationModel,
          boolean,
        ],
    ),
    ['iam', clients.query, query, modelOf(iam, 'SimulateCustomPolicy'), false],
    ['corners', clients.query, query, synthetic(corners), false],
    ...[
      'RunInstances',
      'DescribeInstances',
      'AuthorizeSecurityGroupIngress',
      'CreateTags',
      'DescribeSpotPriceHistory',
      'ImportKeyPair',
      'CreateNetworkAclEntry',
    ].map(
      (name) =>
        ['ec2', clients.ec2Query, ec2Query, modelOf(ec2, name), true] as [
          string,
          AwsQueryProtocol,
          Protocol,
          OperationModel,
          boolean,
        ],
    ),
  ]
  it.each(cases.map((one) => [`${one[0]} ${one[3].name}`, ...one.slice(1)] as const))(
    '%s',
    async (...args) => {
      const [, client, protocol, model, flat] = args as unknown as [
        string,
        AwsQueryProtocol,
        Protocol,
        OperationModel,
        boolean,
      ]
      if (Object.keys(model.input.getMemberSchemas()).length === 0) return
      await fc.assert(
        fc.asyncProperty(anyStructure(model.input, flat), async (input) => {
          const form = await encode(client, model.name, model.input as Schema, input)
          expect(decode(protocol, model, form)).toEqual(input)
        }),
        { numRuns: 25 },
      )
    },
  )
})

describe('a query decoder', () => {
  const create = modelOf(elb, 'CreateLoadBalancer')
  const listener = (i: number, port = '80') =>
    `Listeners.member.${i}.Protocol=HTTP&Listeners.member.${i}.LoadBalancerPort=${port}&Listeners.member.${i}.InstancePort=80`

  it('takes `Name=` for an empty list', () => {
    const set = modelOf(elb, 'SetLoadBalancerPoliciesOfListener')
    expect(decode(query, set, 'LoadBalancerName=a&LoadBalancerPort=80&PolicyNames=')).toEqual({
      LoadBalancerName: 'a',
      LoadBalancerPort: 80,
      PolicyNames: [],
    })
  })

  it('orders list members by number and closes gaps, without allocating for them', () => {
    const zones =
      'AvailabilityZones.member.4294967295=c&AvailabilityZones.member.10=b&AvailabilityZones.member.9=a'
    const input = decode(query, create, `LoadBalancerName=a&${listener(7)}&${zones}`)
    expect(input.AvailabilityZones).toEqual(['a', 'b', 'c'])
    expect(input.Listeners).toHaveLength(1)
  })

  it('ignores parameters that the model lacks', () => {
    expect(
      decode(query, create, `LoadBalancerName=a&${listener(1)}&Foo=1&Listeners.member.1.Bar=2`),
    ).toEqual({
      LoadBalancerName: 'a',
      Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 80 }],
    })
  })

  it('lets nothing reach a prototype', () => {
    decode(
      query,
      create,
      `LoadBalancerName=a&${listener(1)}&__proto__.polluted=1&constructor.prototype.polluted=1`,
    )
    const map = decode(query, synthetic(corners), 'Map.entry.1.key=__proto__&Map.entry.1.value=7')
    expect(Object.hasOwn(map.Map as object, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([
    [`LoadBalancerName=a&${listener(1, 'eighty')}`, 'MalformedInput', 'For input string: "eighty"'],
    [`LoadBalancerName=a&${listener(1, '80.5')}`, 'MalformedInput', 'For input string: "80.5"'],
    [`LoadBalancerName=a&${listener(1, '')}`, 'MalformedInput', 'For input string: ""'],
    [`LoadBalancerName.member.1=a&${listener(1)}`, 'MalformedInput', 'LoadBalancerName is a value'],
    ['LoadBalancerName=a&Listeners=x', 'MalformedInput', 'Listeners is a list'],
    ['LoadBalancerName=a&Listeners.1.Protocol=HTTP', 'MalformedInput', 'Listeners.1 does not fit'],
    ['LoadBalancerName=a&Listeners.member.x.Protocol=HTTP', 'MalformedInput', 'is a list'],
    [
      'LoadBalancerName=a&Listeners.member.1=HTTP',
      'MalformedInput',
      'Listeners.member.1 is a structure',
    ],
    ['LoadBalancerName=a&LoadBalancerName=b', 'MalformedInput', 'LoadBalancerName is given twice'],
    ['LoadBalancerName=a&Listeners=%zz', 'MalformedQueryString', 'syntax error'],
    [listener(1), 'ValidationError', 'The request must contain the parameter LoadBalancerName'],
    [
      'LoadBalancerName=a',
      'ValidationError',
      "1 validation error detected: Value null at 'listeners' failed to satisfy constraint: Member must not be null",
    ],
    [
      'LoadBalancerName=a&Listeners.member.3.Protocol=HTTP',
      'ValidationError',
      "2 validation errors detected: Value null at 'listeners.1.member.loadBalancerPort' failed to satisfy constraint: " +
        "Member must not be null; Value null at 'listeners.1.member.instancePort' failed",
    ],
    [`${'a.'.repeat(maxNameSegments)}b=1`, 'MalformedInput', 'parts'],
    ['a=1&'.repeat(maxParameters + 1), 'MalformedInput', `More than ${maxParameters}`],
  ])('refuses %.60s', (form, code, message) => {
    expect(refused(query, create, form)).toEqual({
      code,
      message: expect.stringContaining(message),
    })
  })

  it('reads booleans in any case and nothing else for them', () => {
    const modify = modelOf(elb, 'ModifyLoadBalancerAttributes')
    const form = (text: string) =>
      `LoadBalancerName=a&LoadBalancerAttributes.CrossZoneLoadBalancing.Enabled=${text}`
    expect(decode(query, modify, form('TRUE'))).toMatchObject({
      LoadBalancerAttributes: { CrossZoneLoadBalancing: { Enabled: true } },
    })
    expect(refused(query, modify, form('yes')).code).toBe('MalformedInput')
  })
})

describe("EC2's decoder", () => {
  const run = modelOf(ec2, 'RunInstances')

  it.each([
    ['MaxCount=1&MinCount=1&Foo=1', 'UnknownParameter', 'The parameter Foo is not recognized'],
    [
      'MaxCount=1&MinCount=1&Placement.Foo.Bar=1',
      'UnknownParameter',
      'The parameter Placement.Foo.Bar is not recognized',
    ],
    [
      'MaxCount=1&MinCount=1&SecurityGroupId.member.1=a',
      'UnknownParameter',
      'The parameter SecurityGroupId.member is not',
    ],
    ['MaxCount=1', 'MissingParameter', 'The request must contain the parameter MinCount'],
    [
      'MaxCount=one&MinCount=1',
      'InvalidParameterValue',
      'Value (one) for parameter MaxCount is invalid',
    ],
    [
      'MaxCount=1&MinCount=1&EbsOptimized=maybe',
      'InvalidParameterValue',
      'Value (maybe) for parameter EbsOptimized is invalid',
    ],
  ])('refuses %s', (form, code, message) => {
    expect(refused(ec2Query, run, form)).toEqual({
      code,
      message: expect.stringContaining(message),
    })
  })
})
