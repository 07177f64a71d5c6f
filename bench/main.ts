/** `npm run bench`: CPU per request and memory per connection of Weir's engine beside HAProxy and nginx. README.md says how to read it. */
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '../test/support/certificate-authority.ts'
import { type Candidate, type CandidatePair, findCandidates, nginxCommand } from './candidates.ts'
import { Children } from './children.ts'
import { backEnd, backEndConfig, certificateFile, otherHosts } from './configs.ts'
import type { LoadGenerator } from './load.ts'
import { measureMemory } from './memory-rounds.ts'
import { type BenchOptions, readOptions, usage } from './options.ts'
import { answer } from './readiness.ts'
import { compareLoads, measureLoad } from './rounds.ts'
import { type Running, run, type StartCandidate } from './running.ts'
import { type LoadScenario, largePath, type MemoryScenario, type Scenario } from './scenarios.ts'
import { type Row, speeds, table } from './table.ts'
import { allowedCpus, findProgram, missing, type Program } from './tools.ts'

/** Without these nothing can be measured. */
function needed(program: Program): string {
  const path = findProgram(program)
  if (path === undefined) throw new Error(missing(program))
  return path
}

/** One body of 64 KiB, for what the back end serves as files. */
const largeBody = 'x'.repeat(65_536)

async function startBackEnd(children: Children, folder: string, cpu: number): Promise<void> {
  // Worker processes of nginx may be another user's.
  await chmod(folder, 0o755)
  await writeFile(join(folder, largePath), largeBody)
  const { certificate, privateKey } = await selfSigned()
  await writeFile(join(folder, certificateFile), certificate + privateKey)
  const command = await nginxCommand(needed('nginx'), folder, 'back-end.conf', backEndConfig())
  const child = children.start(cpu, command)
  await answer('the back end', child, `http://${backEnd.host}:${backEnd.port}/`)
}

/** For what a candidate reads: the certificate is in it. */
async function folderFor({ host }: Candidate, folder: string): Promise<string> {
  const own = join(folder, host)
  await mkdir(own, { recursive: true })
  await copyFile(join(folder, certificateFile), join(own, certificateFile))
  return own
}

async function bench(options: BenchOptions, children: Children, folder: string): Promise<void> {
  const { candidates, notes } = findCandidates()
  for (const note of notes) console.log(note)
  const wrk = needed('wrk')
  const h2load = findProgram('h2load') ?? null
  if (h2load === null) console.log(missing('h2load'))
  const [proxy = 0, load = proxy] = allowedCpus()
  if (load === proxy) console.log('there is one CPU only, which proxy and load share')
  await startBackEnd(children, folder, load)
  const start = async (candidate: Candidate, uncounted = false) => {
    const own = await folderFor(candidate, folder)
    return run(candidate, children, own, proxy, uncounted)
  }
  const generator: LoadGenerator = { wrk, h2load, cpu: load, children }
  if (options.compared !== null) {
    const needsH2load = options.compared.some(({ program }) => program === 'h2load')
    if (needsH2load) needed('h2load')
    await compare(options.compared, start, generator, options)
    return
  }
  const rows: Row[] = []
  const [memory, all] = byMeasure(options.scenarios)
  const loads = all.filter(({ program }) => program !== 'h2load' || h2load !== null)
  for (const scenario of memory) {
    console.log(`measuring ${scenario.title} …`)
    rows.push(await measureMemory(scenario, candidates, options.rounds, start))
  }
  const running: Running[] = []
  if (loads.length > 0) for (const candidate of candidates) running.push(await start(candidate))
  for (const scenario of loads) {
    console.log(`measuring ${scenario.title} …`)
    rows.push(await measureLoad(scenario, running, generator, options))
  }
  const names = candidates.map(({ name }) => name)
  const { rounds, seconds } = options
  console.log(`
CPU per request or handshake of the proxy in µs (user + system), median of ${rounds} rounds of ${seconds} s; below 1.00 weir costs less

${table(rows, names)}

${speeds(rows, names)}`)
}

async function compare(
  compared: readonly [LoadScenario, LoadScenario],
  start: StartCandidate,
  generator: LoadGenerator,
  options: BenchOptions,
): Promise<void> {
  const [first, second] = compared
  console.log(`measuring ${first.name} and ${second.name} at the same time …`)
  const { candidates } = findCandidates()
  const others = findCandidates(otherHosts).candidates
  const pairs = candidates.map((candidate, i) => [candidate, others[i]] as CandidatePair)
  const { rows, quotients } = await compareLoads(compared, pairs, start, generator, options)
  const names = candidates.map(({ name }) => name)
  console.log(`
CPU per request or handshake of the proxy in µs (user + system), median of ${options.rounds} rounds of ${options.seconds} s

${table(rows, names)}

${second.name}/${first.name}, median of the rounds, least and most: ${quotients}`)
}

function byMeasure(scenarios: readonly Scenario[]): [MemoryScenario[], LoadScenario[]] {
  const memory = scenarios.filter((scenario) => scenario.measures === 'memory')
  const loads = scenarios.filter((scenario) => scenario.measures === 'cpu')
  return [memory, loads]
}

/** Ends all that was started before it returns, also when a signal comes. */
async function main(options: BenchOptions): Promise<void> {
  await using cleaning = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'))
  cleaning.defer(() => rm(folder, { recursive: true, force: true }))
  const children = cleaning.use(new Children(needed('taskset')))
  const interrupted = Promise.withResolvers<never>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.reject(new Error(`ended by ${signal}`)))
  }
  await Promise.race([bench(options, children, folder), interrupted.promise])
}

function optionsOrUsage(): BenchOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${messageOf(error)}\n${usage}`)
    process.exit(2)
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`
}

await main(optionsOrUsage()).catch((error: unknown) => {
  console.error(messageOf(error))
  process.exitCode = 1
})
