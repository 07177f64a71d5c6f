/**
 * One log file on the proxy's own disk, while entries come to it. Nobody waits for the disk: entries are gathered in memory, up to a bound that
 * all files of a thread share; what is beyond it, and what the disk does not take, is lost and counted.
 *
 * The folder of a file has the entries (`entries`) and where they are to be delivered (`destination`); it is moved as a whole.
 */
import { type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Delivery } from '../../buckets/buckets.ts'
import { LogBuffer } from '../../engine/access-log/log-buffer.ts'

export const entriesName = 'entries'
export const destinationName = 'destination'

/** So many bytes go to the disk in one piece: what a piece costs, however long it is, is shared by many entries. */
const pieceLength = 256 * 1024
/** What a file that nothing comes to may keep. */
const idleSize = 16 * 1024

/** What the files of one thread share. */
export class SpoolMemory {
  /** Bytes that wait for the disk. */
  waiting = 0
  /** Entries that are lost, since they were last asked for. */
  lost = 0
  readonly bound: number
  /** Why the disk did not take what was written last; null: it did. */
  failure: Error | null = null
  /** To gather in while another is written. */
  #spare: LogBuffer | null = null

  constructor(bound: number) {
    this.bound = bound
  }

  buffer(): LogBuffer {
    const buffer = this.#spare ?? new LogBuffer()
    this.#spare = null
    return buffer
  }

  /** What grew large while the disk was slow is not kept. */
  giveBack(buffer: LogBuffer): void {
    if (buffer.size > 2 * pieceLength) return
    buffer.length = 0
    this.#spare = buffer
  }
}

export class SpoolFile {
  readonly #folder: string
  readonly #destination: Delivery
  readonly #memory: SpoolMemory
  /** Entries that no piece has yet, */
  #gathered: LogBuffer
  /** the bytes of those that are counted, */
  #counted = 0
  /** and how many they are. */
  #entries = 0
  /** Bytes on the disk that are whole entries. */
  #length = 0
  #file: FileHandle | null = null
  #writing: Promise<void> | null = null

  /** @param folder of its own: it is made when the first entries go to the disk */
  constructor(folder: string, destination: Delivery, memory: SpoolMemory) {
    this.#folder = folder
    this.#destination = destination
    this.#memory = memory
    this.#gathered = memory.buffer()
  }

  /** Bytes on the disk. */
  get length(): number {
    return this.#length
  }

  /** Where the next entry is to be written behind what is there: {@link added} says that it is. */
  get next(): LogBuffer {
    return this.#gathered
  }

  /** An entry was written; or none, when there is nothing new. */
  added(): void {
    const entry = this.#gathered.length - this.#counted
    if (entry === 0) return
    if (this.#memory.waiting + entry > this.#memory.bound) {
      this.#gathered.length = this.#counted
      this.#memory.lost += 1
      return
    }
    this.#memory.waiting += entry
    this.#counted += entry
    this.#entries += 1
    if (this.#counted >= pieceLength) this.flush()
  }

  /** Gives the disk what has been gathered, unless it is still busy with what came before. */
  flush(): void {
    if (this.#writing !== null) return
    if (this.#counted === 0) {
      this.#makeSmall()
      return
    }
    this.#writing = this.#write().finally(() => {
      this.#writing = null
    })
  }

  /** Writes what is left, and moves the folder to `closed`. Nothing may be added any more. @returns whether there was anything in it */
  async close(closed: string): Promise<boolean> {
    await this.#writing
    await this.#write()
    this.#memory.giveBack(this.#gathered)
    const file = this.#file
    if (file === null) return false
    await file.truncate(this.#length).finally(() => file.close())
    if (this.#length > 0) await rename(this.#folder, closed)
    else await rm(this.#folder, { recursive: true })
    return this.#length > 0
  }

  /** Nothing came for a while. */
  #makeSmall(): void {
    if (this.#gathered.size <= idleSize) return
    this.#memory.giveBack(this.#gathered)
    this.#gathered = new LogBuffer()
  }

  async #write(): Promise<void> {
    while (this.#counted > 0) {
      const entries = this.#entries
      const piece = this.#takePiece()
      try {
        this.#file ??= await this.#open()
        // A piece that the disk took in part is written over by the next.
        await writeAll(this.#file, piece.written, this.#length)
        this.#length += piece.length
        this.#memory.failure = null
      } catch (error) {
        this.#memory.lost += entries
        this.#memory.failure = error as Error
      } finally {
        this.#memory.waiting -= piece.length
        this.#memory.giveBack(piece)
      }
    }
  }

  /** All that has been gathered. */
  #takePiece(): LogBuffer {
    const piece = this.#gathered
    this.#gathered = this.#memory.buffer()
    this.#counted = 0
    this.#entries = 0
    return piece
  }

  async #open(): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(join(this.#folder, destinationName), JSON.stringify(this.#destination))
    return open(join(this.#folder, entriesName), 'w', 0o600)
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const rest = bytes.length - written
    written += (await file.write(bytes, written, rest, position + written)).bytesWritten
  }
}
