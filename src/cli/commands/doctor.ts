import { askDoctor } from '../../doctor/ask-doctor.ts'
import { reportText } from '../../doctor/report.ts'
import type { Settings } from '../../settings/settings.ts'
import { doctorSocketPath } from '../paths.ts'

export interface DoctorRequest {
  /** Absent: all load balancers. */
  readonly loadBalancer: string | undefined
  /** The region that was asked for; absent: all. */
  readonly region: string | undefined
  readonly json: boolean
}

/** Prints what was found; exits 1 when there is a problem. */
export async function doctor(settings: Settings, request: DoctorRequest): Promise<void> {
  const examinations = await askDoctor(doctorSocketPath(settings), {
    loadBalancer: request.loadBalancer ?? null,
    region: request.region ?? null,
  })
  if (request.json) console.log(JSON.stringify(examinations, null, 2))
  else if (examinations.length === 0) console.log('There are no load balancers.')
  else console.log(examinations.map(reportText).join('\n'))
  const findings = examinations.flatMap((each) => each.findings)
  if (findings.some(({ severity }) => severity === 'problem')) process.exitCode = 1
}
