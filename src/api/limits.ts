/** How much a client may send and hold open. */

/** Of a body that carries no module: 1 MB of metadata, and what stands around it. */
export const BODY_BYTES = 2 * 1024 * 1024;
/** Of an invocation: 24 MB for stdin, in base64. */
export const INVOKE_BODY_BYTES = 32 * 1024 * 1024;
/** Of a body with a module of 100 MB in base64. */
export const MODULE_BODY_BYTES = 140 * 1024 * 1024;

/** Streams of `GET /events` that one client may hold. */
export const MOST_STREAMS = 100;

/** How long a client may take to send its headers, and its whole request: 100 MB at 3 Mbit/s. Milliseconds. */
export const HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 300_000;
/** How often Node looks for those who are late. Milliseconds. */
export const TIMEOUT_CHECK_MS = 5_000;

/** Requests a second of one client, where the server listens on other addresses than this machine's own. */
export const REQUESTS_PER_SECOND = 1_000;
