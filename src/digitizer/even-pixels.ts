/**
 * Even pixels: most of a plot is of one colour, and is passed over four pixels at a time.
 * Owns the view of red, green, blue as words; what lies between even stretches is the callers'.
 */

/** The picture's bytes as words; `undefined` where they don't lie at whole words. */
export function wordsOf(rgb: Uint8Array): Int32Array | undefined {
  return rgb.byteOffset % 4 === 0 ? new Int32Array(rgb.buffer, rgb.byteOffset, rgb.length >> 2) : undefined;
}

/** Four white pixels, as words. */
export const WHITE_WORD = -1;

/** Four pixels of the colour of the pixel at `at`, as three words. */
export function evenWords(rgb: Uint8Array, at: number): [number, number, number] {
  const bytes = new Uint8Array(12);
  for (let i = 0; i < 12; i++) bytes[i] = rgb[at + (i % 3)]!;
  const [first, second, third] = new Int32Array(bytes.buffer);
  return [first!, second!, third!];
}

/**
 * Where a stretch of even pixels, whose three words are given, ends: a byte's place, four pixels or a multiple of it
 * behind `from`, which is a whole word's, and not beyond `end`. Those of a grey are all the same.
 */
export function endOfEven(
  words: Int32Array,
  from: number,
  end: number,
  first: number,
  second: number = first,
  third: number = first,
): number {
  const last = (end >> 2) - 3;
  let word = from >> 2;
  // Never beyond the array: reading there, even once, makes all later reads three times as slow.
  while (word <= last && words[word] === first && words[word + 1] === second && words[word + 2] === third) word += 3;
  return 4 * word;
}
