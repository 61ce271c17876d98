/** What a registry answers where it does not do what was asked (distribution spec 1.1, "Error Codes"). */

/** The spec's codes, each with the status that it goes with. */
const STATUSES = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
} as const;
export type RefusalCode = keyof typeof STATUSES;

export interface RefusalOptions {
  code: RefusalCode;
  message: string;
  /** Where another one than the code's says more: 413, 416. */
  status?: number;
  headers?: Record<string, string>;
}

export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor({ code, message, status, headers = {} }: RefusalOptions) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.status = status ?? STATUSES[code];
    this.headers = headers;
  }
}

/** The body of a refusal. */
export function errorBody(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

export function blobUnknown(digest: string): Refusal {
  return new Refusal({ code: "BLOB_UNKNOWN", message: `there is no blob ${digest} here` });
}
