import type { Examination } from './examine.ts'
import type { Finding } from './finding.ts'

const marks: Readonly<Record<Finding['severity'], string>> = {
  problem: 'PROBLEM',
  notice: 'notice ',
  fine: 'fine   ',
}

/** For people: one line a finding, and what to do below it. */
export function reportText({ region, loadBalancer, dnsName, findings }: Examination): string {
  const problems = findings.filter(({ severity }) => severity === 'problem').length
  const count = problems === 1 ? '1 problem' : `${problems === 0 ? 'no' : problems} problems`
  const lines = findings.flatMap(({ severity, subject, fact, advice, page }) => [
    `  ${marks[severity]}  ${subject}: ${fact}`,
    ...(advice === undefined ? [] : [`           ${advice} (guide, page ${page})`]),
  ])
  return `${loadBalancer} (${region}, ${dnsName}): ${count}\n${lines.join('\n')}\n`
}
