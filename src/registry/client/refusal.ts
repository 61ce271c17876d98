/** What a registry answered, in its own words, as an error that names the image. */
import { PropError } from "../../errors.ts";

/** The code of all that may go by itself: no answer, an overloaded server, a transfer cut off. */
export const UNREACHABLE = "REGISTRY_UNREACHABLE";

export interface Refusal {
  /** What was asked for, as people know it. */
  image: string;
  /** Who answered. */
  server: string;
  status: number;
  body: Uint8Array;
}

/** The error for an answer that will be the same next time. */
export function refused({ image, server, status, body }: Refusal): PropError {
  const said = wordsOf(body) ?? `status ${status}`;
  if (status === 404) {
    return new PropError({
      code: "IMAGE_NOT_FOUND",
      message: `image ${image} is not in the registry ${server}: ${said}`,
    });
  }
  if (status === 401 || status === 403) {
    return new PropError({
      code: "REGISTRY_UNAUTHORIZED",
      message: `image ${image}: the registry ${server} refuses access: ${said}`,
      hint: "Check its name. For a private one: prop login, or of a manager PROXY_REGISTRY_URL, PROXY_REGISTRY_USERNAME and PROXY_REGISTRY_PASSWORD",
    });
  }
  return new PropError({
    code: "REGISTRY_REFUSED",
    message: `image ${image}: the registry ${server} answers ${said}`,
  });
}

export function unreachable(image: string, server: string, reason: string, cause?: unknown): PropError {
  return new PropError({
    code: UNREACHABLE,
    message: `image ${image}: the registry ${server} can't be asked: ${reason}`,
    cause,
  });
}

/** The errors of a body as the distribution spec writes them: `{errors: [{code, message}]}`. */
function wordsOf(body: Uint8Array): string | undefined {
  const errors = objectOf(parsed(body))?.errors;
  if (!Array.isArray(errors)) return undefined;
  const words = errors.map(objectOf).flatMap((error) => {
    const parts = [error?.code, error?.message].filter((part) => typeof part === "string" && part !== "");
    return parts.length === 0 ? [] : [parts.join(": ")];
  });
  return words.length === 0 ? undefined : words.join("; ").slice(0, 500);
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === "object" ? { ...value } : undefined;
}
