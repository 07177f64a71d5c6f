import { ApiError } from './errors.ts'
import { type OperationModel, operationModel } from './model.ts'
import type { WireCall } from './protocol.ts'
import type { LoadedService, Operation, Service } from './service.ts'

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
   * By the service's name in the signature's scope, if there is one, and by version.
   * @throws ApiError when nothing is served under these.
   */
  select(signingName: string | null, call: WireCall): Service {
    const named = this.#named(signingName)
    if (call.operation === null) {
      throw new ApiError('MissingAction', 'The request must contain the parameter Action')
    }
    const service = named.find(({ version }) => version === call.version)
    if (service === undefined) throw wrongVersion(call, named)
    return service
  }

  /** Any service that answers in the words of the one that a request seems to be for; undefined when nothing shows. */
  resembling(signingName: string | null, version: string | null): Service | undefined {
    if (signingName === null) return this.#services.find((service) => service.version === version)
    return this.#services.find((service) => service.signingName === signingName)
  }

  /** @throws ApiError `InvalidAction` when the model lacks the operation, `UnsupportedOperation` when only we do. */
  async operation(service: Service, name: string): Promise<FoundOperation> {
    const { schemas, operations } = await this.#load(service)
    const model = operationModel(schemas, name)
    if (model === undefined) throw noSuchOperation(name, service.version)
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

function wrongVersion({ operation, version }: WireCall, named: readonly Service[]): ApiError {
  const versions = named.map((service) => `${service.signingName} ${service.version}`).join(', ')
  const error = noSuchOperation(operation, version ?? 'NO_VERSION_SPECIFIED')
  const hint = version === successorVersion ? ' (Application and Network Load Balancers)' : ''
  return new ApiError(error.code, `${error.message}${hint}; available: ${versions}`)
}

/** Elastic Load Balancing v2 shares the host and the signing name of the classic API. */
const successorVersion = '2015-12-01'

function noSuchOperation(operation: string | null, version: string): ApiError {
  return new ApiError(
    'InvalidAction',
    `Could not find operation ${operation} for version ${version}`,
  )
}
