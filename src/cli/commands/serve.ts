import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../../settings/settings.ts'
import { systemClock } from '../../std/clock.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { runUntilSignal } from '../run-until-signal.ts'
import { Supervisor } from '../supervisor.ts'

export async function serve(given: Settings): Promise<void> {
  await using cleanup = new AsyncDisposableStack()
  const settings = given.dev ? throwAway(given, cleanup) : given
  const logger = createLogger(settings.logLevel, { process: 'supervisor' })
  const supervisor = new Supervisor({ settings, clock: systemClock, logger })
  const stop = async () => {
    await supervisor.stop()
    await cleanup.disposeAsync()
  }
  supervisor.start().then(
    ({ api, dns }) => console.log(`weir is ready: api ${api}, dns ${dns}`),
    async (error: Error) => {
      console.error(`weir: ${error.message}`)
      await stop()
      process.exit(1)
    },
  )
  await runUntilSignal(async () => stop)
}

/** `--dev`: nothing of an earlier run is there, and nothing stays. */
function throwAway(settings: Settings, cleanup: AsyncDisposableStack): Settings {
  const data = mkdtempSync(join(tmpdir(), 'weir-dev-'))
  const keyFile = join(data, 'weir.key')
  cleanup.defer(() => rmSync(data, { recursive: true, force: true }))
  return { ...settings, data, keyFile, auth: 'none' }
}
