/**
 * Even pixels: most of a plot is of one colour, and is passed over four pixels at a time.
 * Owns the view of red, green, blue as words; what lies between even stretches is the callers'.
 */

/** The picture's bytes as words; `undefined` where they don't lie at whole words. */
export function wordsOf(rgb: Uint8Array): Int32Array | undefined {
  return rgb.byteOffset % 4 === 0 ? new Int32Array(rgb.buffer, rgb.byteOffset, rgb.length >> 2) : undefined;
}

/** Four pixels of one colour, as three words. */
export type EvenWords = readonly [number, number, number];

/** Four white pixels. */
export const WHITE_WORDS: EvenWords = [-1, -1, -1];

/** Four pixels of the colour of the pixel at `at`. */
export function evenWords(rgb: Uint8Array, at: number): EvenWords {
  const bytes = new Uint8Array(12);
  for (let i = 0; i < 12; i++) bytes[i] = rgb[at + (i % 3)]!;
  const [first, second, third] = new Int32Array(bytes.buffer);
  return [first!, second!, third!];
}

/**
 * Where a stretch of even pixels ends, in steps of four pixels: a byte's place, as are `from`, a whole word's, and `end`,
 * which it never exceeds.
 */
export function endOfEven(words: Int32Array, [first, second, third]: EvenWords, from: number, end: number): number {
  const last = (end >> 2) - 3;
  let word = from >> 2;
  // Never beyond the array: reading there, even once, makes all later reads three times as slow.
  while (word <= last && words[word] === first && words[word + 1] === second && words[word + 2] === third) word += 3;
  return 4 * word;
}
