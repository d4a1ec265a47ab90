/**
 * Epochs: numbers that can be taken once and never changed, so that one of many servers gets each.
 * Owns the interface; who leads by an epoch is `lease.ts`'s matter.
 */

export interface Highest {
  /** 0 when there is none. */
  epoch: number;
  done: boolean;
}

export interface Epochs {
  highest(signal?: AbortSignal): Promise<Highest>;
  /**
   * The same for who only waits, by two questions that cost less than a list: is the one after the last seen there, and
   * is the last seen done? Each epoch is created after the one before it, so that where the next isn't, none is above.
   */
  watch(signal?: AbortSignal): Promise<Highest>;
  /**
   * Creates an epoch. @returns false when another has it
   * @throws {StoreFailed} when the store can't say, even asked again
   */
  create(epoch: number, body: object): Promise<boolean>;
  /** What its creator said. `undefined` when there is no such epoch (any more). */
  read(epoch: number, signal?: AbortSignal): Promise<unknown>;
  /** The holder of an epoch says that it is done with it. */
  finish(epoch: number, body: object): Promise<void>;
  /** What holders said at their end, of the epochs above `after`, ascending; `complete`: none of these is deleted yet. */
  finished(after: number, signal?: AbortSignal): Promise<{ epochs: number[]; highest: number; complete: boolean }>;
  readFinished(epoch: number, signal?: AbortSignal): Promise<unknown>;
  /**
   * Creates a key twice, and needs a yes and a no.
   * @returns what the store did otherwise, in words; `undefined` when it does as is needed
   */
  selfTest(): Promise<string | undefined>;
}
