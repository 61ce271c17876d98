/** Asks for images over MQTT and puts their chunks together, in whatever order, number and time they come. */
import { PropError } from "../errors.ts";
import { type Assembly, assembleImage } from "../protocol/chunks.ts";
import type { Chunk, ImageRequest } from "../protocol/messages/image.ts";
import { digestOf } from "../registry/digest.ts";
import type { Log } from "../telemetry/logger.ts";

export interface WantedImage {
  /** The reference, or the digest where there is none. */
  appName: string;
  /** With it the image is checked, and only the missing chunks are asked for again. */
  digest?: string;
}

export interface ImageRequests {
  /** Resolves with the last chunk. Those who want the same image share one request. */
  fetch(image: WantedImage): Promise<Uint8Array>;
  add(chunk: Chunk): void;
  /** Fails what is still under way. */
  close(): void;
}

export interface ImageRequestsOptions {
  propletId: string;
  publish: (request: ImageRequest) => void;
  maxBytes: number;
  log: Log;
  /** How long nothing may come before it is asked for again; doubles with each try. 5 s by default. */
  retryMs?: number;
  /** Requests without a single new chunk before it is given up; 5 by default. */
  maxTries?: number;
}

interface Pending extends WantedImage {
  /** What the chunks that came say it is, where nobody said it before. */
  announced?: string;
  assembly: Assembly;
  tries: number;
  timer: NodeJS.Timeout | undefined;
  problem: string;
  readonly done: PromiseWithResolvers<Uint8Array>;
}

export function createImageRequests(options: ImageRequestsOptions): ImageRequests {
  const { propletId, publish, maxBytes, log, retryMs = 5_000, maxTries = 5 } = options;
  const pending = new Map<string, Pending>();

  function request(image: Pending): void {
    const { appName, digest = image.announced } = image;
    const have = image.assembly.have();
    const known = digest === undefined ? {} : { digest, ...(have.length > 0 && { have_chunks: have }) };
    publish({ app_name: appName, proplet_id: propletId, ...known });
  }

  function wait(image: Pending): void {
    clearTimeout(image.timer);
    image.timer = setTimeout(() => onSilence(image), retryMs * 2 ** image.tries);
  }

  function onSilence(image: Pending): void {
    image.tries++;
    if (image.tries >= maxTries) {
      fail(image, unavailable(image, maxTries));
      return;
    }
    log.warn("an image doesn't come: asking again", { image: image.appName, tries: image.tries });
    request(image);
    wait(image);
  }

  function settle(image: Pending): void {
    clearTimeout(image.timer);
    pending.delete(keyOf(image));
  }

  function fail(image: Pending, error: Error): void {
    settle(image);
    image.done.reject(error);
  }

  function wanting(chunk: Chunk): Pending | undefined {
    const byDigest = chunk.digest === undefined ? undefined : pending.get(chunk.digest);
    if (byDigest !== undefined) return byDigest;
    const byName = pending.get(chunk.app_name);
    if (byName !== undefined || chunk.digest !== undefined) return byName;
    return [...pending.values()].find(({ appName }) => appName === chunk.app_name);
  }

  function complete(image: Pending, bytes: Uint8Array): void {
    const digest = image.digest ?? image.announced;
    if (digest === undefined || digestOf(bytes) === digest) {
      settle(image);
      image.done.resolve(bytes);
      return;
    }
    image.problem = `what came is not ${digest}, but ${digestOf(bytes)}`;
    delete image.announced;
    image.assembly = assembleImage(maxBytes);
  }

  return {
    fetch(wanted) {
      const key = keyOf(wanted);
      const known = pending.get(key);
      if (known !== undefined) return known.done.promise;
      const image: Pending = {
        ...wanted,
        assembly: assembleImage(maxBytes),
        tries: 0,
        timer: undefined,
        problem: "",
        done: Promise.withResolvers<Uint8Array>(),
      };
      pending.set(key, image);
      request(image);
      wait(image);
      return image.done.promise;
    },
    add(chunk) {
      const image = wanting(chunk);
      if (image === undefined) return;
      const before = image.assembly.have().length;
      if (chunk.digest !== undefined) image.announced ??= chunk.digest;
      const state = image.assembly.add(chunk);
      if (state.state === "complete") return complete(image, state.image);
      if (state.state === "refused") image.problem = state.reason;
      else if (state.have.length > before) {
        image.tries = 0;
        wait(image);
      }
    },
    close() {
      for (const image of [...pending.values()]) fail(image, new Error("the proplet was closed"));
    },
  };
}

function keyOf({ appName, digest }: WantedImage): string {
  return digest ?? appName;
}

function unavailable({ appName, problem }: Pending, tries: number): PropError {
  const reason = problem === "" ? "no chunk of it came" : problem;
  return new PropError({
    code: "IMAGE_UNAVAILABLE",
    message: `image ${appName} could not be fetched: ${reason}, asked for ${tries} times`,
    hint: "check that a proxy serves this channel and that the image exists",
  });
}
