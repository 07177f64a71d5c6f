import { ApiError } from './errors.ts'
import { type OperationModel, operationModel } from './model.ts'
import type { Protocol, WireCall, WireForm } from './protocol.ts'
import type { LoadedService, Operation, Service } from './service.ts'

/** A service and the way in which a request speaks to it. */
export interface Addressed {
  readonly service: Service
  readonly protocol: Protocol
}

export interface FoundOperation {
  readonly model: OperationModel
  readonly run: Operation
}

/** The services of an endpoint: picks the one that a request is for and loads its schemas when they are first needed. */
export class ServiceDirectory {
  readonly #services: readonly Service[]
  readonly #loading = new Map<Service, Promise<LoadedService>>()

  constructor(services: readonly Service[]) {
    this.#services = services
  }

  /**
   * By the service's name in the signature's scope, if there is one, and by the API that the call names.
   * @throws ApiError when nothing is served under these.
   */
  select(signingName: string | null, call: WireCall): Addressed {
    const named = this.#named(signingName)
    if (call.operation === null) {
      throw new ApiError('MissingAction', 'The request must contain the parameter Action')
    }
    const ways = waysTo(named, call.form)
    const found = ways.find(({ protocol }) => protocol.api === call.api)
    if (found === undefined) throw wrongApi(call, ways)
    return found
  }

  /** The service whose link was followed, and the region of what the link is about, if it says; undefined when the call is none of a link. */
  linked(method: string, call: WireCall): (Addressed & { region: string | undefined }) | undefined {
    const { form, operation, api, parameters } = call
    if (method !== 'GET' || operation === null) return undefined
    const linking = this.#services.filter(({ links }) => links?.has(operation))
    const ways = waysTo(linking, form)
    const found = ways.find(({ protocol }) => api === null || api === protocol.api)
    if (found === undefined) return undefined
    const arnName = found.service.links?.get(operation)
    const [, arn = ''] = parameters.find(([name]) => name === arnName) ?? []
    return { ...found, region: /^arn:[\w-]+:\w+:([\w-]+):/.exec(arn)?.[1] }
  }

  /** A service and protocol in whose words a request can be answered that may go wrong; undefined when nothing shows. */
  resembling(
    signingName: string | null,
    form: WireForm,
    api: string | null,
  ): Addressed | undefined {
    const ways = waysTo(this.#services, form)
    if (signingName === null) return ways.find(({ protocol }) => protocol.api === api)
    return ways.find(({ service }) => service.signingName === signingName)
  }

  /** @throws ApiError `InvalidAction` when the model lacks the operation, `UnsupportedOperation` when only we do. */
  async operation({ service, protocol }: Addressed, name: string): Promise<FoundOperation> {
    const { schemas, operations } = await this.#load(service)
    const model = operationModel(schemas, name)
    if (model === undefined) throw noSuchOperation(name, protocol.api)
    const run = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (run === undefined) {
      throw new ApiError(
        'UnsupportedOperation',
        `Operation ${name} of ${service.signingName} is not available here`,
      )
    }
    return { model, run }
  }

  #named(signingName: string | null): readonly Service[] {
    if (signingName === null) return this.#services
    const named = this.#services.filter((service) => service.signingName === signingName)
    if (named.length === 0) {
      const available = [...new Set(this.#services.map((service) => service.signingName))]
      throw new ApiError(
        'UnsupportedOperation',
        `Service '${signingName}' is not available here; available are ${available.sort().join(', ')}`,
      )
    }
    return named
  }

  #load(service: Service): Promise<LoadedService> {
    const known = this.#loading.get(service)
    if (known !== undefined) return known
    const loading = service.load()
    this.#loading.set(service, loading)
    // A failed load is told to who waits for it; the next request tries again.
    loading.catch(() => this.#loading.delete(service))
    return loading
  }
}

function waysTo(services: readonly Service[], form: WireForm): Addressed[] {
  const ways = services.flatMap((service) =>
    service.protocols.map((protocol) => ({ service, protocol })),
  )
  return ways.filter(({ protocol }) => protocol.form === form)
}

function wrongApi({ operation, api }: WireCall, ways: readonly Addressed[]): ApiError {
  const available = ways.map(({ service, protocol }) => `${service.signingName} ${protocol.api}`)
  const error = noSuchOperation(operation, api ?? 'NO_VERSION_SPECIFIED')
  const hint = api === successorVersion ? ' (Application and Network Load Balancers)' : ''
  return new ApiError(error.code, `${error.message}${hint}; available: ${available.join(', ')}`)
}

/** Elastic Load Balancing v2 shares the host and the signing name of the classic API. */
const successorVersion = '2015-12-01'

function noSuchOperation(operation: string | null, version: string): ApiError {
  return new ApiError(
    'InvalidAction',
    `Could not find operation ${operation} for version ${version}`,
  )
}
