/** The run's S3 server, for tests: buckets and prefixes of their own. */
import { randomUUID } from "node:crypto";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { inject } from "vitest";
import type { S3Settings } from "../../src/archive/s3-client.ts";
import type { Cluster } from "./ceph.ts";

/** False where there are no programs for it: the tests are skipped, and the run says so at its start. */
export const hasS3: boolean = inject("s3Starter") !== "";

export interface S3Place {
  bucket: string;
  prefix: string;
  settings: S3Settings & { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Of each gateway. */
  endpoints: string[];
  /** What a program is told of it. */
  environment: Record<string, string>;
}

let opened: Promise<{ cluster: Omit<Cluster, symbol>; bucket: string }> | undefined;

/** A prefix of its own, in a bucket that the tests of one file share. Starts the server where it isn't running yet. */
export async function openS3Place(): Promise<S3Place> {
  opened ??= open();
  const { cluster, bucket } = await opened;
  const { endpoints, accessKeyId, secretAccessKey } = cluster;
  const prefix = `archives/${randomUUID()}`;
  const endpoint = endpoints[0]!;
  return {
    bucket,
    prefix,
    endpoints,
    settings: { endpoint, credentials: { accessKeyId, secretAccessKey } },
    environment: {
      ARCHIVE_BASE_PATH: `s3://${bucket}/${prefix}`,
      S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  };
}

async function open(): Promise<{ cluster: Cluster; bucket: string }> {
  const answer = await fetch(inject("s3Starter"));
  if (!answer.ok) throw new Error(await answer.text());
  const cluster = (await answer.json()) as Cluster;
  const bucket = `etna-${randomUUID()}`;
  const client = clientOf(cluster);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { cluster, bucket };
}

/** A bare client of the SDK, for looking at what is really there. */
export function clientOf({ endpoints, accessKeyId, secretAccessKey }: Omit<Cluster, symbol>): S3Client {
  return new S3Client({
    endpoint: endpoints[0]!,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
}
