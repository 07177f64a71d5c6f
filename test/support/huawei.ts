/** A client of Huawei Cloud's ELB API that signs as Huawei's own SDK does: its core package makes the requests and reads the answers. */
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js'
import { ServiceResponseException } from '@huaweicloud/huaweicloud-sdk-core/exception/ServiceResponseException.js'
import { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js'
import { DefaultHttpClient } from '@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient.js'
import { type Logger, LogLevel } from '@huaweicloud/huaweicloud-sdk-core/logger/index.js'

export const projectId = '0123456789abcdef0123456789abcdef'

export interface HuaweiKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come
export type Answer = any

type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** What an error answer says. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** Refusals are expected here; the SDK would print each. */
const silent: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  setLevel: ignore,
  getLevel: () => LogLevel.ERROR,
  setName: ignore,
}

function ignore(): void {}

export class HuaweiClient {
  readonly #client: HcClient

  /** @param api e.g. `http://127.0.0.1:4566` */
  constructor(
    api: string,
    { accessKeyId, secretAccessKey }: HuaweiKey = { accessKeyId: 'test', secretAccessKey: 'test' },
    project = projectId,
  ) {
    const credentials = new BasicCredentials()
      .withAk(accessKeyId)
      .withSk(secretAccessKey)
      .withProjectId(project)
    const http = new DefaultHttpClient({ logger: silent }, [api])
    this.#client = new HcClient(http).withEndpoints([api]).withCredential(credentials)
  }

  get(path: string, queryParams: Query = {}): Promise<Answer> {
    return this.#send('GET', path, undefined, queryParams)
  }

  post(path: string, body: object): Promise<Answer> {
    return this.#send('POST', path, body)
  }

  put(path: string, body: object): Promise<Answer> {
    return this.#send('PUT', path, body)
  }

  delete(path: string): Promise<Answer> {
    return this.#send('DELETE', path)
  }

  /** Makes a resource. @returns what the answer has under its name */
  async create(path: string, singular: string, fields: object): Promise<Answer> {
    return (await this.post(path, { [singular]: fields }))[singular]
  }

  /** @param path below `/v3/{project_id}/elb/` */
  #send(method: string, path: string, data?: object, queryParams: Query = {}): Promise<Answer> {
    const request = {
      url: `/v3/{project_id}/elb/${path}`,
      method,
      contentType: 'application/json',
      queryParams,
      pathParams: {},
      headers: {},
      ...(data === undefined ? {} : { data }),
    }
    return this.#client.sendRequest(request)
  }
}

/** The error that a request is answered with. @throws Error when it is not answered with one */
export async function refusal(answer: Promise<Answer>): Promise<Refusal> {
  const outcome = await answer.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('value' in outcome) throw new Error(`not refused: ${JSON.stringify(outcome.value)}`)
  const { error } = outcome
  if (!(error instanceof ServiceResponseException)) throw error
  return {
    status: Number(error.httpStatusCode),
    code: error.errorCode ?? '',
    message: error.errorMsg ?? '',
  }
}
