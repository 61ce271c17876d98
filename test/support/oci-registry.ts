/** A registry in this process (distribution spec 1.1): manifests, blobs, tags, logins; and as faulty as a test wants it. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { digestOf } from "../../src/registry/digest.ts";

export { digestOf } from "../../src/registry/digest.ts";
export { pushModule } from "./push-module.ts";

export interface RecordedRequest {
  method: string;
  /** With its query. */
  path: string;
  authorization?: string;
  range?: string;
}

/** What a request meets in place of an answer. */
export type Fault =
  | { type: "answer"; status: number; headers?: Record<string, string>; body?: string }
  /** Half of the body, then the connection is cut. */
  | { type: "truncate" }
  /** The whole body, with its first byte another one. */
  | { type: "flip" }
  /** Headers and half of the body, and nothing more until the registry is closed. */
  | { type: "hang" };

export interface OciRegistryOptions {
  port?: number;
  /** Asks for a login: basic, or a token that `/token` gives; to anybody where no user is named. */
  login?: { type: "basic" | "token"; username?: string; password?: string };
}

export type OciRegistry = Awaited<ReturnType<typeof startOciRegistry>>;

interface Stored {
  type: string;
  bytes: Uint8Array;
}

/** Starts one on 127.0.0.1. Who started it closes it. */
export async function startOciRegistry({ port = 0, login }: OciRegistryOptions = {}) {
  const blobs = new Map<string, Uint8Array>();
  const manifests = new Map<string, Stored>();
  const requests: RecordedRequest[] = [];
  const state = { fault: (_: RecordedRequest): Fault | undefined => undefined };
  const token = randomUUID();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(asError(error)));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const host = `127.0.0.1:${address.port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = request;
    const body = await readBody(request);
    const { authorization, range } = headers;
    const asked = {
      method,
      path,
      ...(authorization === undefined ? {} : { authorization }),
      ...(range === undefined ? {} : { range }),
    };
    requests.push(asked);
    const send = senderOf(response, method, state.fault(asked));
    const url = new URL(path, `http://${host}`);
    if (url.pathname === "/token") return giveToken(authorization, send);
    if (!mayEnter(authorization)) return challenge(send, `http://${host}/token`);
    const [, name = "", kind, which = ""] =
      /^\/v2\/(.+)\/(blobs|manifests|tags)\/(.+)$/.exec(url.pathname) ?? [];
    if (url.pathname === "/v2/") return send(200, {}, "{}");
    if (kind === "blobs") return serveBlob(send, { method, name, which, url, body, range });
    if (kind === "manifests")
      return serveManifest(send, { method, name, which, body, type: headers["content-type"] ?? "" });
    if (kind === "tags") return send(200, {}, JSON.stringify({ name, tags: tagsOf(name) }));
    return refuse(send, 404, "NAME_UNKNOWN", "repository name not known to registry");
  }

  function serveBlob(
    send: Send,
    {
      method,
      name,
      which,
      url,
      body,
      range,
    }: {
      method: string;
      name: string;
      which: string;
      url: URL;
      body: Uint8Array;
      range: string | undefined;
    },
  ): undefined {
    if (method === "POST") return send(202, { location: `/v2/${name}/blobs/uploads/${randomUUID()}` });
    if (method === "PUT") {
      const digest = url.searchParams.get("digest") ?? "";
      if (digestOf(body) !== digest)
        return refuse(send, 400, "DIGEST_INVALID", "provided digest did not match");
      blobs.set(digest, body);
      return send(201, { location: `/v2/${name}/blobs/${digest}` });
    }
    const blob = blobs.get(which);
    if (blob === undefined) return refuse(send, 404, "BLOB_UNKNOWN", "blob unknown to registry");
    const [, from] = /^bytes=(\d+)-$/.exec(range ?? "") ?? [];
    if (from !== undefined) {
      const part = { "content-range": `bytes ${from}-${blob.length - 1}/${blob.length}` };
      return send(206, part, blob.subarray(Number(from)));
    }
    return send(200, { "content-type": "application/octet-stream" }, blob);
  }

  function serveManifest(
    send: Send,
    {
      method,
      name,
      which,
      body,
      type,
    }: { method: string; name: string; which: string; body: Uint8Array; type: string },
  ): undefined {
    if (method === "PUT") {
      for (const key of [which, digestOf(body)]) manifests.set(`${name}:${key}`, { type, bytes: body });
      return send(201, { "docker-content-digest": digestOf(body) });
    }
    const found = manifests.get(`${name}:${which}`);
    if (found === undefined) return refuse(send, 404, "MANIFEST_UNKNOWN", "manifest unknown");
    const said = { "content-type": found.type, "docker-content-digest": digestOf(found.bytes) };
    return send(200, said, found.bytes);
  }

  function tagsOf(name: string): string[] {
    const keys = [...manifests.keys()].filter((key) => key.startsWith(`${name}:`));
    return keys.map((key) => key.slice(name.length + 1)).filter((tag) => !tag.includes(":"));
  }

  function mayEnter(authorization: string | undefined): boolean {
    if (login === undefined) return true;
    return authorization === (login.type === "token" ? `Bearer ${token}` : basicOf(login));
  }

  function giveToken(authorization: string | undefined, send: Send): undefined {
    const isKnown = login?.username === undefined || authorization === basicOf(login);
    if (isKnown) return send(200, {}, JSON.stringify({ token, expires_in: 300 }));
    return refuse(send, 401, "UNAUTHORIZED", "incorrect username or password");
  }

  function challenge(send: Send, realm: string): undefined {
    const scheme =
      login?.type === "basic" ? 'Basic realm="test"' : `Bearer realm="${realm}",service="test registry"`;
    const body = errorBody("UNAUTHORIZED", "authentication required");
    return send(401, { "www-authenticate": scheme }, body);
  }

  return {
    host,
    url: `http://${host}`,
    blobs,
    manifests,
    /** All that was asked, in order. */
    requests,
    /** Which of the requests to come meet a fault. */
    failOn(fault: (request: RecordedRequest) => Fault | undefined) {
      state.fault = fault;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, "close");
    },
  };
}

type Send = (status: number, headers?: Record<string, string>, body?: string | Uint8Array) => undefined;

function senderOf(response: ServerResponse, method: string, fault: Fault | undefined): Send {
  return (status, headers = {}, text = "") => {
    if (fault?.type === "answer") {
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    const body = Buffer.from(text);
    response.writeHead(status, { ...headers, "content-length": body.byteLength });
    if (method === "HEAD") response.end();
    else if (fault?.type === "flip")
      response.end(Buffer.concat([Buffer.from([(body[0] ?? 0) ^ 1]), body.subarray(1)]));
    else if (fault === undefined) response.end(body);
    else {
      response.write(body.subarray(0, body.byteLength / 2));
      if (fault.type === "truncate") setImmediate(() => response.destroy());
    }
  };
}

function refuse(send: Send, status: number, code: string, message: string): undefined {
  send(status, { "content-type": "application/json" }, errorBody(code, message));
}

function errorBody(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function basicOf({ username = "", password = "" }: { username?: string; password?: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
