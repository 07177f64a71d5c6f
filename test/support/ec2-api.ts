import { EC2 } from '@aws-sdk/client-ec2'
import { createEc2Service } from '../../src/aws/ec2/service.ts'
import { atomically, type Transaction } from '../../src/store/transaction.ts'
import { startApi, type TestApi } from './api.ts'
import { ManualClock } from './manual-clock.ts'

/** EC2 behind a real server. Each region of it is a system of its own. */
export class Ec2Api implements AsyncDisposable {
  readonly clock: ManualClock
  readonly #api: TestApi
  #regions = 0

  private constructor(api: TestApi, clock: ManualClock) {
    this.#api = api
    this.clock = clock
  }

  static async start(): Promise<Ec2Api> {
    const clock = new ManualClock()
    return new Ec2Api(await startApi({ services: [createEc2Service()], clock }), clock)
  }

  /** A client of a region that nobody has used yet. */
  region(): { readonly name: string; readonly ec2: EC2 } {
    this.#regions += 1
    const name = `xx-test-${this.#regions}`
    const ec2 = new EC2({
      endpoint: this.#api.url,
      region: name,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
    return { name, ec2 }
  }

  /** What Elastic Load Balancing does: a transaction of its own. */
  atomically<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    return atomically(this.#api.store, body)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#api[Symbol.asyncDispose]()
  }
}

export function only<T>(items: readonly T[] | undefined): T {
  const [first] = items ?? []
  if (first === undefined || items?.length !== 1) {
    throw new Error(`expected one item, got ${items?.length ?? 'none'}`)
  }
  return first
}
