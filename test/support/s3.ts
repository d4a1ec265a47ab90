/** The run's S3 server, for tests. It is started before the first test of the first file that imports this. */
import { beforeAll, inject } from "vitest";
import { createBucket, placeIn, type Reachable, type S3Place } from "./s3-place.ts";

/** False where there are no programs for it: the tests are skipped, and the run says so at its start. */
export const hasS3: boolean = inject("s3Starter") !== "";

/** More than a cluster may take to start on a machine that has much else to do, and its first bucket after it. */
const START_MS = 300_000;

let opened: Promise<{ cluster: Reachable; bucket: string }> | undefined;
// Before the first test of a file that needs it, whose own limit is that of what it tests.
if (hasS3) beforeAll(() => (opened = open()), START_MS);

/** A prefix of its own, in a bucket that the tests of one file share. */
export async function openS3Place(): Promise<S3Place> {
  const { cluster, bucket } = await opened!;
  return placeIn(bucket, cluster);
}

async function open(): Promise<{ cluster: Reachable; bucket: string }> {
  const answer = await fetch(inject("s3Starter"));
  if (!answer.ok) throw new Error(await answer.text());
  const cluster = (await answer.json()) as Reachable;
  return { cluster, bucket: await createBucket(cluster) };
}
