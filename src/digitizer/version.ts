/** The digitizer's version, on its own: whoever compares it need not load the digitizer, which takes 20 ms. */

/** Goes up whenever the same picture may be read better than before; `rebuild` then reads it again. */
export const DIGITIZER_VERSION = 19;
