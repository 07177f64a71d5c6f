import { createHash } from 'node:crypto'

/** A project is a namespace of resources, which exists from its first use. */
export interface Project {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly name: string
}

export interface Domain {
  readonly id: string
  readonly name: string
}

/** The projects of one account: a name always has the same id. */
export class Projects {
  readonly domain: Domain
  /** The one that is named after the region. */
  readonly home: Project

  constructor(accountId: string, region: string) {
    this.domain = { id: digest(accountId), name: accountId }
    this.home = this.named(region)
  }

  named(name: string): Project {
    return { id: digest(`${this.domain.name}/${name}`), name }
  }

  /** undefined when that can be no project's id. */
  find(id: string): Project | undefined {
    if (!/^[0-9a-f]{32}$/.test(id)) return undefined
    return id === this.home.id ? this.home : { id, name: id }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
