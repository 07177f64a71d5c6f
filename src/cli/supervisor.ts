/**
 * `weir serve`: control and proxy as processes of their own under one supervisor, which starts again whichever ends by itself.
 * The supervisor holds no state, so there is little in it that could fail.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { environmentName, type Settings } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import { moduleBeside } from '../std/module-url.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { FromChild } from './child-messages.ts'

export interface SupervisorOptions {
  readonly settings: Settings
  readonly clock: Clock
  readonly logger: Logger
}

/** Where everything listens, once both processes are up. */
export interface Ready {
  readonly api: string
  readonly dns: string
}

/** Fast enough that clients hardly notice, slow enough not to spin on a fault that stays. */
const restartMs = 250
/** Beyond the drain timeout, before a child that does not end is killed. */
const graceMs = 5000

type Role = 'control' | 'proxy'

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #children = new Map<Role, ChildProcess>()
  readonly #ready = Promise.withResolvers<Ready>()
  #addresses: Ready | undefined
  #proxyReady = false
  #stopping = false
  /** A child that never came up failed by a fault that a restart does not cure: a port in use, a wrong setting. */
  readonly #cameUp = new Set<Role>()

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  /** Resolves when control answers and the proxy is linked to it. Rejects when one of them cannot start. */
  start(): Promise<Ready> {
    this.#spawn('control')
    this.#spawn('proxy')
    return this.#ready.promise
  }

  /** The proxy drains first while control still answers; then control stops. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#end('proxy')
    await this.#end('control')
  }

  #spawn(role: Role): void {
    const child = spawn(process.execPath, [...process.execArgv, mainModule(), role], {
      env: childEnvironment(this.#settingsOf(role)),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Ctrl-C in a terminal signals the whole process group: the supervisor passes it on in its own order.
      detached: true,
    })
    this.#children.set(role, child)
    child.on('message', (message: FromChild) => this.#receive(message))
    child.once('exit', (code, signal) =>
      this.#ended(role, signal === null ? `exited with code ${code}` : `was ended by ${signal}`),
    )
    // A child without a process never exits.
    child.on('error', (error) => {
      if (child.pid === undefined) this.#ended(role, `did not start: ${error.message}`)
    })
  }

  #ended(role: Role, how: string): void {
    this.#children.delete(role)
    if (this.#stopping) return
    if (!this.#cameUp.has(role)) {
      this.#ready.reject(new Error(`${role} could not start (${how})`))
      return
    }
    this.#options.logger.error({ role }, `${role} ${how}; restarting`)
    this.#options.clock.after(restartMs, () => {
      if (!this.#stopping) this.#spawn(role)
    })
  }

  #receive(message: FromChild): void {
    switch (message.type) {
      case 'control-ready':
        this.#cameUp.add('control')
        this.#addresses = { api: message.api, dns: message.dns }
        break
      case 'proxy-ready':
        this.#cameUp.add('proxy')
        this.#proxyReady = true
        break
    }
    if (this.#addresses !== undefined && this.#proxyReady) this.#ready.resolve(this.#addresses)
  }

  /** Once control has picked its ports, a restarted one takes the same. */
  #settingsOf(role: Role): Settings {
    const { settings } = this.#options
    if (role !== 'control' || this.#addresses === undefined) return settings
    return { ...settings, api: new URL(this.#addresses.api).host, dns: this.#addresses.dns }
  }

  async #end(role: Role): Promise<void> {
    const child = this.#children.get(role)
    if (child === undefined) return
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const patience = this.#options.settings.drainTimeout * 1000 + graceMs
    const timer = this.#options.clock.after(patience, () => child.kill('SIGKILL'))
    await exited
    timer.cancel()
  }
}

function mainModule(): string {
  return moduleBeside('./main', import.meta.url).pathname
}

/** All settings as they are now: a child that starts later must not read a settings file that has changed or is gone. */
function childEnvironment(settings: Settings): NodeJS.ProcessEnv {
  const own = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [environmentName(name), String(value)])
  const { WEIR_CONFIG: _file, ...inherited } = process.env
  return { ...inherited, ...Object.fromEntries(own) }
}
