/** The run's S3 server, for tests. */
import { inject } from "vitest";
import { createBucket, placeIn, type Reachable, type S3Place } from "./s3-place.ts";

/** False where there are no programs for it: the tests are skipped, and the run says so at its start. */
export const hasS3: boolean = inject("s3Starter") !== "";

let opened: Promise<{ cluster: Reachable; bucket: string }> | undefined;

/** A prefix of its own, in a bucket that the tests of one file share. Starts the server where it isn't running yet. */
export async function openS3Place(): Promise<S3Place> {
  opened ??= open();
  const { cluster, bucket } = await opened;
  return placeIn(bucket, cluster);
}

async function open(): Promise<{ cluster: Reachable; bucket: string }> {
  const answer = await fetch(inject("s3Starter"));
  if (!answer.ok) throw new Error(await answer.text());
  const cluster = (await answer.json()) as Reachable;
  return { cluster, bucket: await createBucket(cluster) };
}
