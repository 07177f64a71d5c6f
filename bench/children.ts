import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

/** How long a child may take to end when asked to. */
const patienceMs = 3000

/** All processes of a run. Whoever disposes of it has none left. */
export class Children implements AsyncDisposable {
  readonly #running = new Set<ChildProcess>()
  readonly #taskset: string
  #ended = false

  constructor(taskset: string) {
    this.#taskset = taskset
  }

  /** Starts `command` pinned to one CPU; what it complains of is shown. */
  start(
    cpu: number,
    command: readonly string[],
    stdout: 'pipe' | 'ignore' = 'ignore',
  ): ChildProcess {
    if (this.#ended) throw new Error('the run has ended')
    // taskset becomes the command (exec), so the child's id is the command's.
    const child = spawn(this.#taskset, ['-c', String(cpu), ...command], {
      stdio: ['ignore', stdout, 'inherit'],
    })
    this.#running.add(child)
    child.once('error', () => this.#running.delete(child))
    child.once('exit', () => this.#running.delete(child))
    return child
  }

  /** Ends one, and waits until it is gone. */
  async end(child: ChildProcess): Promise<void> {
    if (this.#running.has(child)) await end(child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    await Promise.all(Array.from(this.#running, end))
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const done = new AbortController()
  const killed = pause(patienceMs, undefined, { signal: done.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  )
  await exited
  done.abort()
  await killed
}
