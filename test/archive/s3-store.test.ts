import { describe } from "vitest";
import { createS3Store } from "../../src/archive/s3-store.ts";
import { hasS3, openS3Place } from "../support/s3.ts";
import { describeStore } from "./store-contract.ts";

describe.skipIf(!hasS3)("on Ceph", () => {
  describeStore("the S3 store", async () => {
    const { bucket, prefix, settings, endpoints } = await openS3Place();
    const options = { bucket, prefix, ...settings };
    return {
      store: createS3Store(options),
      another: () => createS3Store({ ...options, endpoint: endpoints[1]! }),
      async [Symbol.asyncDispose]() {},
    };
  });
});
