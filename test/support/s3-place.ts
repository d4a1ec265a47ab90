/** Places for archives on an S3 server: a bucket, and prefixes of their own in it. */
import { randomUUID } from "node:crypto";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Settings } from "../../src/archive/s3-client.ts";
import type { Cluster } from "./ceph.ts";

export type Reachable = Omit<Cluster, symbol>;

export interface S3Place {
  bucket: string;
  prefix: string;
  settings: S3Settings & { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Of each gateway. */
  endpoints: string[];
  /** What a program is told of it. */
  environment: Record<string, string>;
}

/** Makes a bucket, and an object in it: a cluster's first one takes seconds, as it makes the pools. @returns its name */
export async function createBucket(cluster: Reachable): Promise<string> {
  const bucket = `etna-${randomUUID()}`;
  const client = clientOf(cluster);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: "first", Body: "first" }));
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "first" }));
  client.destroy();
  return bucket;
}

export function placeIn(bucket: string, { endpoints, accessKeyId, secretAccessKey }: Reachable): S3Place {
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

/** A bare client of the SDK, for looking at what is really there. */
export function clientOf({ endpoints, accessKeyId, secretAccessKey }: Reachable): S3Client {
  return new S3Client({
    endpoint: endpoints[0]!,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
}
