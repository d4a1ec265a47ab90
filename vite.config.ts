/** Builds the web page of src/web/ into dist/, where the server finds it: `npm run prepare`, which `npm ci` runs too. */
import { defineConfig } from "vite";

export default defineConfig({
  root: "src/web",
  // Relative addresses, so that the page also works behind a proxy that puts it under a path of its own.
  base: "./",
  build: {
    outDir: "../../dist",
    emptyOutDir: true,
    // Everything is a file: the page's policy allows nothing that stands inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
