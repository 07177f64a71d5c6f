import { connect } from 'node:net'
import { encodeJsonLine } from '../std/json-lines.ts'
import { type DoctorAnswer, type DoctorQuestion, readLine } from './doctor-socket.ts'
import type { Examination } from './examine.ts'

/**
 * @param path of the control process's socket
 * @throws Error when no control process answers there, or it could not examine
 */
export async function askDoctor(
  path: string,
  question: DoctorQuestion,
): Promise<readonly Examination[]> {
  const socket = connect(path)
  try {
    socket.write(encodeJsonLine(question))
    const answer = (await readLine(socket)) as DoctorAnswer
    if (answer.type === 'error') throw new Error(answer.message)
    return answer.examinations
  } catch (error) {
    if (!notThere.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    throw new Error(
      `no control process answers at ${path}: is Weir running, with this data folder (--data)?`,
    )
  } finally {
    socket.destroy()
  }
}

const notThere = new Set(['ENOENT', 'ECONNREFUSED'])
