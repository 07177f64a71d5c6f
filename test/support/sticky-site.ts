import type { HttpListener, Pool } from '../../src/snapshot/snapshot.ts'
import type { Stickiness } from '../../src/snapshot/stickiness.ts'
import { Origin } from './peer.ts'
import { Serving } from './serving.ts'

export interface Answer {
  readonly head: string
  /** Who answered: `a`, `b` or `c`. */
  readonly by: string
  /** Values of the Set-Cookie fields. */
  readonly cookies: readonly string[]
}

/** Three instances, `a`, `b` and `c`, behind a listener with stickiness. They answer with their name, and say what a test has them say. */
export class StickySite implements AsyncDisposable {
  readonly serving: Serving
  readonly origins: readonly Origin[]
  /** What the next responses set beside: field lines. */
  fields: string[] = []
  /** Heads that instances got, in order. */
  readonly requests: string[] = []
  #stickiness: Stickiness
  #checked = false

  private constructor(serving: Serving, stickiness: Stickiness) {
    this.serving = serving
    this.#stickiness = stickiness
    this.origins = []
  }

  static async start(stickiness: Stickiness): Promise<StickySite> {
    const site = new StickySite(await Serving.start([]), stickiness)
    for (const name of 'abc') {
      const origin = await Origin.answering((head) => site.#answer(name, head))
      ;(site.origins as Origin[]).push(origin)
    }
    await site.register('abc')
    return site
  }

  /** Serves with these instances, and what else is different. */
  async register(
    names: string,
    change: Partial<HttpListener> = {},
    poolChange: Partial<Pool> = {},
  ): Promise<void> {
    const places = [...names].map((name) => this.#origin(name))
    await this.serving.apply(places, { stickiness: this.#stickiness, ...change }, poolChange)
  }

  /** Makes health count from now on; all other instances are healthy. */
  async fail(failing: string): Promise<void> {
    if (!this.#checked) {
      this.#checked = true
      const targets = [...'abc'].map((name) => {
        const { host, port } = this.#origin(name)
        return { id: `t-${port}`, host, port, zone: 'a', check: name }
      })
      await this.register('abc', {}, { targets })
    }
    for (const name of 'abc') this.serving.engine.setHealth(name, !failing.includes(name))
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** One request on a connection of its own. */
  async get(...fields: string[]): Promise<Answer> {
    const head = ['GET / HTTP/1.1', 'Host: x', 'Connection: close', ...fields].join('\r\n')
    return answerOf(await this.serving.exchange(`${head}\r\n\r\n`))
  }

  /** A request of the instance that the cookies are to come from. */
  async from(name: string, ...fields: string[]): Promise<Answer> {
    for (;;) {
      const answer = await this.get(...fields)
      if (answer.by === name) return answer
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serving[Symbol.asyncDispose]()
    for (const origin of this.origins) await origin[Symbol.asyncDispose]()
  }

  #origin(name: string): Origin {
    return this.origins['abc'.indexOf(name)] as Origin
  }

  #answer(name: string, head: string): string {
    this.requests.push(head)
    const lines = ['HTTP/1.1 200 OK', 'Content-Length: 1', ...this.fields]
    return `${lines.join('\r\n')}\r\n\r\n${name}`
  }
}

export function answerOf(text: string): Answer {
  const end = text.indexOf('\r\n\r\n') + 4
  const head = text.slice(0, end)
  const cookies = [...head.matchAll(/^Set-Cookie: (.*)\r$/gm)].map(([, value = '']) => value)
  return { head, by: text.slice(end), cookies }
}

/** The Cookie field of a client that keeps these cookies. */
export function cookieField(...cookies: (string | undefined)[]): string {
  return `Cookie: ${cookies.map((cookie) => cookie?.split(';')[0]).join('; ')}`
}
