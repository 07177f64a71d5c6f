/** `npm run bench`: CPU per request of Weir's engine beside HAProxy and nginx. README.md says how to read it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Candidate, findCandidates, nginxCommand } from './candidates.ts'
import { Children } from './children.ts'
import { backEnd, backEndConfig } from './configs.ts'
import type { LoadGenerator } from './load.ts'
import { type BenchOptions, readOptions, usage } from './options.ts'
import { answer, ready } from './readiness.ts'
import { type Running, runScenario } from './rounds.ts'
import { type Row, speeds, table } from './table.ts'
import { allowedCpus, findProgram, missing, type Program } from './tools.ts'

/** Without these nothing can be measured. */
function needed(program: Program): string {
  const path = findProgram(program)
  if (path === undefined) throw new Error(missing(program))
  return path
}

async function startAll(
  candidates: readonly Candidate[],
  children: Children,
  folder: string,
  cpus: { readonly proxy: number; readonly load: number },
): Promise<Running[]> {
  const command = await nginxCommand(needed('nginx'), folder, 'back-end.conf', backEndConfig())
  const child = children.start(cpus.load, command)
  await answer('the back end', child, `http://${backEnd.host}:${backEnd.port}/`)
  const running: Running[] = []
  for (const candidate of candidates) {
    const proxy = children.start(cpus.proxy, await candidate.command(folder))
    for (const kind of candidate.serves) await ready(candidate.name, proxy, candidate.host, kind)
    if (proxy.pid !== undefined) running.push({ candidate, pid: proxy.pid })
  }
  return running
}

async function bench(options: BenchOptions, children: Children, folder: string): Promise<void> {
  const { candidates, notes } = findCandidates()
  for (const note of notes) console.log(note)
  const wrk = needed('wrk')
  const [proxy = 0, load = proxy] = allowedCpus()
  if (load === proxy) console.log('there is one CPU only, which proxy and load share')
  const running = await startAll(candidates, children, folder, { proxy, load })
  const generator: LoadGenerator = { wrk, cpu: load, children }
  const rows: Row[] = []
  for (const scenario of options.scenarios) {
    console.log(`measuring ${scenario.title} …`)
    rows.push(await runScenario(scenario, running, generator, options))
  }
  const names = candidates.map(({ name }) => name)
  const { rounds, seconds } = options
  console.log(`
CPU per request of the proxy in µs (user + system), median of ${rounds} rounds of ${seconds} s; below 1.00 weir costs less

${table(rows, names)}

${speeds(rows, names)}`)
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
