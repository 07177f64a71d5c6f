import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'

/** How long answers are good. */
export const answerMinutes = 60

/** An authority with a responder, both of the openssl command: it signs one certificate that names the responder. */
export class OcspResponder implements AsyncDisposable {
  /** PEM: the certificate and the authority's. */
  readonly certificate: string
  readonly authority: string
  readonly privateKey: string
  /** How often it was asked. */
  asked = 0
  /** What it says of the certificate; `broken`: nothing of use. */
  says: 'good' | 'revoked' | 'broken' = 'good'
  /** Signs as this one does. */
  signer: OcspResponder
  readonly #folder: string
  readonly #server: Server

  private constructor(folder: string, server: Server) {
    this.#folder = folder
    this.#server = server
    this.signer = this
    const { port } = server.address() as AddressInfo
    this.#openssl(
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 30',
    )
    writeFileSync(
      join(folder, 'leaf.cnf'),
      `subjectAltName=DNS:www.example.com\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:${port}/\n`,
    )
    this.#openssl(
      'req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=www.example.com',
    )
    this.#openssl(
      'x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 4660 -days 10 -extfile leaf.cnf -out leaf.pem',
    )
    this.certificate = this.#read('leaf.pem')
    this.authority = this.#read('ca.pem')
    this.privateKey = this.#read('leaf.key')
    server.on('request', async (request, response) => {
      this.asked += 1
      const answer = this.#answer(await buffer(request))
      response.writeHead(answer === null ? 500 : 200).end(answer)
    })
  }

  static async start(): Promise<OcspResponder> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new OcspResponder(mkdtempSync(join(tmpdir(), 'weir-ocsp-')), server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
    rmSync(this.#folder, { recursive: true })
  }

  #answer(request: Buffer): Buffer | null {
    if (this.says === 'broken') return null
    const times = this.says === 'good' ? 'V\t360101000000Z\t' : 'R\t360101000000Z\t260101000000Z'
    writeFileSync(join(this.#folder, 'index'), `${times}\t1234\tunknown\t/CN=www.example.com\n`)
    writeFileSync(join(this.#folder, 'request'), request)
    const signer = join(this.signer.#folder, 'ca')
    this.#openssl(
      `ocsp -index index -CA ca.pem -rsigner ${signer}.pem -rkey ${signer}.key -nmin ${answerMinutes} -reqin request -respout answer`,
    )
    return readFileSync(join(this.#folder, 'answer'))
  }

  #openssl(command: string): void {
    execFileSync('openssl', command.split(' '), { cwd: this.#folder, stdio: 'ignore' })
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8')
  }
}
