#!/usr/bin/env node
/** The command line: reads settings, and hands them to the command that was asked for. */
import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import {
  flagName,
  readSettings,
  type Settings,
  SettingsError,
  settingsSchema,
} from '../settings/settings.ts'

type Flags = Record<string, unknown>
type Run = (settings: Settings, flags: Flags, args: readonly string[]) => Promise<void>

const program = new Command('weir')
  .description('A self-hosted elastic load balancer with the API of AWS’s Classic Load Balancer.')
  .version(packageVersion())
  .showHelpAfterError()

// Each process loads what its own command needs: a proxy has no use for the API's 100 MB, and is back sooner without.
addCommand('serve', 'run control and proxy, supervised, on this machine', async (settings) =>
  (await import('./commands/serve.ts')).serve(settings),
)
addCommand('control', 'run the control process: the APIs and DNS', async (settings) =>
  (await import('./commands/control.ts')).control(settings),
)
addCommand('proxy', 'run the proxy process: the traffic', async (settings) =>
  (await import('./commands/proxy.ts')).proxy(settings),
)
addCommand(
  'demo',
  'start a throw-away system with sample instances and show the traffic',
  async (settings) => (await import('./commands/demo.ts')).demo(settings),
)
addCommand(
  'doctor',
  'say what is wrong with a load balancer, or with all: asks the control process of this data folder',
  async (settings, { region, json }, [loadBalancer]) =>
    (await import('./commands/doctor.ts')).doctor(settings, {
      loadBalancer,
      region: region as string | undefined,
      json: json === true,
    }),
)
  .argument('[load-balancer]', 'its name')
  .option('--json', 'print JSON')

try {
  await program.parseAsync()
} catch (error) {
  console.error(explanation(error))
  process.exit(error instanceof SettingsError ? 2 : 1)
}

/** What went wrong in the operator's words; a defect of ours, such as a TypeError, keeps its stack. */
function explanation(error: unknown): unknown {
  if (error instanceof SettingsError) return error.message
  const messages: string[] = []
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one.constructor !== Error) return error
    messages.push(one.message)
  }
  return messages.length > 0 ? `weir: ${messages.join(': ')}` : error
}

function addCommand(name: string, description: string, run: Run): Command {
  const command = program.command(name).description(description)
  command.option('--config <file>', 'settings file (JSON); see docs/settings.md')
  for (const [setting, schema] of Object.entries(settingsSchema.shape)) {
    const flag = flagName(setting)
    const isSwitch = setting === 'dev'
    command.addOption(new Option(isSwitch ? flag : `${flag} <value>`, schema.description))
  }
  return command.action(() => {
    requireLinux()
    const flags = command.opts<Flags>()
    return run(settingsFrom(flags), flags, command.args)
  })
}

function settingsFrom({ config, json: _json, ...flags }: Flags): Settings {
  const path = (config ?? process.env.WEIR_CONFIG) as string | undefined
  const file = path === undefined ? undefined : readSettingsFile(path)
  return readSettings({ flags, environment: process.env, file })
}

function readSettingsFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new SettingsError(`settings file ${path}: ${(error as Error).message}`)
  }
}

/** SO_REUSEPORT spreads connections over threads, and all of 127/8 is local, on Linux only. */
function requireLinux(): void {
  if (process.platform === 'linux') return
  throw new SettingsError(
    `Weir runs on Linux; this is ${process.platform}. Missing here: load spreading between threads (SO_REUSEPORT) and a local 127.0.0.0/8. A Linux container or virtual machine works.`,
  )
}

function packageVersion(): string {
  const path = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
