/** What the handlers of a registry's requests share. */
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { blobPath } from "../store/blob-path.ts";
import type { BlobStore } from "../store/blob-store.ts";
import type { Catalog } from "./catalog.ts";
import type { Uploads } from "./uploads.ts";

export interface Context {
  catalog: Catalog;
  blobs: BlobStore;
  uploads: Uploads;
  /** Of the blobs' files. */
  blobDir: string;
}

/** One request, and what its path says. */
export interface Exchange {
  method: string;
  query: URLSearchParams;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** The bytes of a request as they come; none where it has no body. */
export function bodyOf({ request }: Exchange): Readable {
  return request.body === undefined || request.body === null ? Readable.from([]) : request.raw;
}

/** The file of a digest that was checked. */
export function fileOf({ blobDir }: Context, digest: string): string {
  const path = blobPath(blobDir, digest);
  if (path === undefined) throw new TypeError(`not a digest: ${digest}`);
  return path;
}
