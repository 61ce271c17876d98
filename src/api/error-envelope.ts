/** What server and client agree on for errors, beside the legacy body `{"error": "…"}`. */

/** Opens the text of every 400. */
export const BAD_REQUEST = "something went wrong with the request";

/** All but the code are URI-encoded. `message` is there where the legacy text says less. */
export const ERROR_HEADERS = { code: "x-prop-code", hint: "x-prop-hint", message: "x-prop-message" } as const;
