/**
 * Work on several things at once, of which nothing goes on behind the caller's back: it ends when all of it has ended, also
 * where some of it failed. Locks are left, files closed and threads ended after it.
 */

/** @returns what each gave, in order @throws what the first that failed threw */
export async function allEnded<T>(works: readonly Promise<T>[]): Promise<T[]> {
  try {
    return await Promise.all(works);
  } finally {
    await Promise.allSettled(works);
  }
}

/**
 * Works on `atOnce` of the items at a time. After a failure none is begun any more.
 * @throws what the first that failed threw
 */
export async function forEachAtOnce<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // A generator is closed by the loop that leaves it, so one that fails leaves nothing to the others.
  const waiting = (function* () {
    yield* items;
  })();
  async function workOn(): Promise<void> {
    for (const item of waiting) await work(item);
  }
  await allEnded(Array.from({ length: atOnce }, workOn));
}
