import type { Settings } from '../../settings/settings.ts'
import { systemClock } from '../../std/clock.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { runUntilSignal } from '../run-until-signal.ts'
import { Supervisor } from '../supervisor.ts'
import { throwAway } from '../throw-away.ts'

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
