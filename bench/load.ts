/** wrk, and what it says. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Children } from './children.ts'
import type { LoadScenario } from './scenarios.ts'

/** Beyond the time it was told to take, wrk is given so long. */
const graceMs = 15_000

export interface Load {
  readonly requests: number
  readonly perSecond: number
  /** Complaints about errors and bad statuses: the figures mean nothing if there are any. */
  readonly complaints: readonly string[]
}

export interface LoadGenerator {
  readonly wrk: string
  readonly cpu: number
  readonly children: Children
}

export async function load(
  { wrk, cpu, children }: LoadGenerator,
  { connections, headers }: LoadScenario,
  url: string,
  seconds: number,
): Promise<Load> {
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`]
  const command = [wrk, ...options, ...headers.flatMap((header) => ['-H', header]), url]
  const child = children.start(cpu, command, 'pipe')
  if (child.stdout === null) throw new Error('wrk has no standard output')
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + graceMs)
  try {
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
    return parseLoad(output)
  } finally {
    clearTimeout(timer)
  }
}

/** @throws Error when there is no count of requests in what wrk printed, or it is 0 */
export function parseLoad(output: string): Load {
  const requests = Number(/(\d+) requests in/.exec(output)?.[1] ?? 0)
  if (requests === 0) throw new Error(`wrk got no answer: ${output.trim() || 'no output'}`)
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? 0)
  const complaints = output.match(/(Socket errors|Non-2xx).*/g) ?? []
  return { requests, perSecond, complaints }
}
