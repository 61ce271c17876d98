/** Bearer tokens: who may do what over the HTTP API. [E] */

/** Each may do what those before it may. */
export const scopes = ["read", "deploy", "admin"] as const;
export type Scope = (typeof scopes)[number];

export interface TokenRecord {
  /** The part of the token that is no secret: how it is listed and revoked. */
  id: string;
  name: string;
  scope: Scope;
  /** SHA-256 of the whole token, in hexadecimal: the token itself is shown once and kept nowhere. */
  hash: string;
  /** RFC 3339. */
  created_at: string;
  expires_at?: string;
}

export function covers(held: Scope, needed: Scope): boolean {
  return scopes.indexOf(held) >= scopes.indexOf(needed);
}
