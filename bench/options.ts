import { parseArgs } from 'node:util'
import { type Scenario, scenarios } from './scenarios.ts'

export interface BenchOptions {
  /** Of load, for each candidate in each round. */
  readonly seconds: number
  readonly rounds: number
  readonly scenarios: readonly Scenario[]
}

const names = scenarios.map(({ name }) => name).join(', ')

export const usage = `usage: npm run bench -- [--seconds N] [--rounds N] [--scenario NAME]...
  --seconds   of load for each candidate in each round, 1 to 60 (default 2)
  --rounds    1 to 20, of which the median counts (default 3)
  --scenario  ${names} (default all)`

/** @throws Error that says which argument is wrong */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      scenario: { type: 'string', multiple: true, default: scenarios.map(({ name }) => name) },
    },
  })
  return {
    seconds: count('seconds', values.seconds, 60),
    rounds: count('rounds', values.rounds, 20),
    scenarios: values.scenario.map(scenarioOf),
  }
}

function count(option: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new Error(`--${option} must be a whole number from 1 to ${most}, not '${text}'`)
}

function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`--scenario must be one of ${names}, not '${name}'`)
  return found
}
