/** One thing that was looked at, and what was seen. */
export interface Finding {
  /** `problem`: traffic fails, or will soon; `notice`: worth a look. */
  readonly severity: 'problem' | 'notice' | 'fine'
  /** What was looked at: `instance i-0123456789abcdef0`, `listener HTTPS:443`. */
  readonly subject: string
  /** What was seen, with figures. */
  readonly fact: string
  /** What to do about it. */
  readonly advice?: string
  /** Page of the Classic Load Balancers guide that is about this. */
  readonly page?: number
}

export function fine(subject: string, fact: string): Finding {
  return { severity: 'fine', subject, fact }
}

/** What to do, and the page of the guide that says more. */
export interface Advice {
  readonly advice: string
  readonly page: number
}

export function problem(subject: string, fact: string, advice: Advice): Finding {
  return { severity: 'problem', subject, fact, ...advice }
}

export function notice(subject: string, fact: string, advice: Advice): Finding {
  return { severity: 'notice', subject, fact, ...advice }
}
