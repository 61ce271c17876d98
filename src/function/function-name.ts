/** What a function may be called: a DNS label, since its name ends up in host names and Kubernetes objects. */
import { PropError } from "../errors.ts";

/** At most 63 lower case letters, digits and inner hyphens (RFC 1123). */
export const functionNamePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Checks a name that a user gave.
 * @throws PropError `FUNCTION_NAME_INVALID`, whose hint is the nearest name that is one
 */
export function checkFunctionName(name: string): string {
  if (functionNamePattern.test(name)) return name;
  const suggestion = suggestFunctionName(name);
  throw new PropError({
    code: "FUNCTION_NAME_INVALID",
    message: `"${name}" is not a function name: 1 to 63 lower case letters, digits and inner hyphens`,
    ...(suggestion === undefined ? {} : { hint: `Did you mean: --name ${suggestion}` }),
    exitCode: 2,
  });
}

/** The valid name that is nearest to any text, undefined where no letter of it can be kept. */
export function suggestFunctionName(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
  return name === "" ? undefined : name;
}
