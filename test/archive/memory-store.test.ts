import { createMemoryStore } from "../support/memory-store.ts";
import { describeStore } from "./store-contract.ts";

describeStore("the memory store", async () => {
  const store = createMemoryStore();
  return { store, another: () => store, async [Symbol.asyncDispose]() {} };
});
