/** Asks a registry whether a login is good, before it is kept. */
import { PropError } from "../../errors.ts";
import { endpointOf, endpointText, type Mirrors } from "./endpoint.ts";
import { createAskRegistry } from "./request.ts";

const ANSWER_BYTES = 65_536;

/**
 * @returns the origin of the server that took it, the only one it is good for
 * @throws PropError `REGISTRY_UNAUTHORIZED`, and those of `AskRegistry`
 */
export async function checkLogin(
  registry: string,
  login: { username: string; password: string },
  { mirrors, signal }: { mirrors: Mirrors; signal: AbortSignal },
): Promise<string> {
  const endpoint = endpointOf(registry, mirrors);
  const { origin } = endpoint;
  const ask = createAskRegistry({ credentials: { origin, type: "basic", ...login } });
  const path = new URL("/v2/", origin);
  try {
    await ask({ endpoint, repository: "", path, image: registry, maxBytes: ANSWER_BYTES, signal });
    return origin;
  } catch (error) {
    if (!(error instanceof PropError) || error.code !== "REGISTRY_UNAUTHORIZED") throw error;
    throw new PropError({
      code: error.code,
      message: `the registry ${endpointText(endpoint)} doesn't take the login of ${login.username}`,
      hint: "Check the name and the password. Some registries want an access token in the place of the password.",
      cause: error,
    });
  }
}
