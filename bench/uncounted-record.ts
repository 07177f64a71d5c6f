/** Stands in for the engine's record of an exchange: reads no clock, counts nothing, tells nobody. */
import { ExchangeRecord as Counted } from '../src/engine/http1/exchange-record.ts'

export class ExchangeRecord extends Counted {
  override begin(): void {
    this.receivedAt = 0
  }

  override tries(): void {
    // Nobody is told which target it was.
  }

  override sent(): void {
    this.sentAt = 0
  }

  override answered(): void {
    this.answeredAt = 0
  }

  override responding(): void {
    // Nobody asks when.
  }

  override answeredHere(): void {
    // Nor what it was.
  }

  override ended(): void {
    // Nobody is told.
  }
}
