/** Runs what makes the load, and reads what it says. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Children } from './children.ts'
import type { Handshakes } from './handshakes.ts'
import type { LoadProgram, LoadScenario } from './scenarios.ts'

/** Beyond the time it was told to take, the load is given so long. */
const graceMs = 15_000

export interface Load {
  /** Or handshakes. */
  readonly requests: number
  readonly perSecond: number
  /** Complaints about errors and bad statuses: the figures mean nothing if there are any. */
  readonly complaints: readonly string[]
}

export interface LoadGenerator {
  /** Where it is. */
  readonly wrk: string
  /** Where it is; null: it is missing, and no scenario needs it. */
  readonly h2load: string | null
  readonly cpu: number
  readonly children: Children
}

export async function load(
  generator: LoadGenerator,
  scenario: LoadScenario,
  url: string,
  seconds: number,
): Promise<Load> {
  const { command, parse } = programs[scenario.program]
  const words = command(generator, scenario, url, seconds)
  const child = generator.children.start(generator.cpu, words, 'pipe')
  if (child.stdout === null) throw new Error(`${scenario.program} has no standard output`)
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + graceMs)
  try {
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
    return parse(output)
  } finally {
    clearTimeout(timer)
  }
}

interface Program {
  command(
    generator: LoadGenerator,
    scenario: LoadScenario,
    url: string,
    seconds: number,
  ): readonly string[]
  /** @throws Error when there is no count in what it printed, or it is 0 */
  parse(output: string): Load
}

const programs: Readonly<Record<LoadProgram, Program>> = {
  wrk: {
    command: ({ wrk }, { connections, headers }, url, seconds) => {
      const options = ['-t1', `-c${connections}`, `-d${seconds}s`]
      return [wrk, ...options, ...fieldOptions(headers), url]
    },
    parse: parseWrk,
  },
  h2load: {
    command: ({ h2load }, { connections, streams = 1, headers }, url, seconds) => {
      if (h2load === null) throw new Error('h2load is missing')
      const options = [`-c${connections}`, `-m${streams}`, `-D${seconds}`, '--warm-up-time=0']
      return [h2load, ...options, ...fieldOptions(headers), url]
    },
    parse: parseH2load,
  },
  handshakes: {
    command: (_, { connections, resumed }, url, seconds) => {
      const { hostname, port } = new URL(url)
      const program = fileURLToPath(new URL('./handshakes.ts', import.meta.url))
      const limits = [String(connections), String(seconds), resumed === true ? 'resumed' : 'full']
      return [process.execPath, program, hostname, port, ...limits]
    },
    parse: parseHandshakes,
  },
}

function fieldOptions(headers: readonly string[]): string[] {
  return headers.flatMap((header) => ['-H', header])
}

export function parseWrk(output: string): Load {
  const requests = countIn('wrk', output, /(\d+) requests in/)
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? 0)
  const complaints = output.match(/(Socket errors|Non-2xx).*/g) ?? []
  return { requests, perSecond, complaints }
}

export function parseH2load(output: string): Load {
  const requests = countIn('h2load', output, /(\d+) succeeded/)
  const perSecond = Number(/([\d.]+) req\/s/.exec(output)?.[1] ?? 0)
  const complaints = output.match(/^requests: .* (?!0 failed)\d+ failed.*$/gm) ?? []
  return { requests, perSecond, complaints }
}

export function parseHandshakes(output: string): Load {
  const requests = countIn('the handshakes', output, /"count":(\d+)/)
  const { seconds, errors } = JSON.parse(output) as Handshakes
  return { requests, perSecond: requests / seconds, complaints: errors }
}

function countIn(program: string, output: string, pattern: RegExp): number {
  const count = Number(pattern.exec(output)?.[1] ?? 0)
  if (count === 0) throw new Error(`${program} got no answer: ${output.trim() || 'no output'}`)
  return count
}
