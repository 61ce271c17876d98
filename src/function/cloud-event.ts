/** What an event handler is told of its event: the CloudEvents attributes, in the environment. */
import { randomUUID } from "node:crypto";
import { PropError } from "../errors.ts";

/** CloudEvents 1.0, section "Naming Conventions". */
const attributeName = /^[a-z0-9]+$/;

/**
 * The environment of an event: each attribute as `CE_` and its name in capitals.
 * @param given go before what is filled in: `id`, `source`, `specversion`, `type`, `time`
 * @throws PropError `USAGE` for a name that is no attribute's
 */
export function eventEnvironment(
  given: Readonly<Record<string, string>>,
  now = new Date(),
): Record<string, string> {
  for (const name of Object.keys(given)) if (!attributeName.test(name)) throw noAttribute(name);
  const attributes = {
    id: randomUUID(),
    source: "/prop",
    specversion: "1.0",
    type: "prop.event",
    time: now.toISOString(),
    ...given,
  };
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`CE_${name.toUpperCase()}`, value]),
  );
}

function noAttribute(name: string): PropError {
  return new PropError({
    code: "USAGE",
    message: `"${name}" is no name of a CloudEvents attribute`,
    hint: "Names are lower case letters and digits: --attribute type=com.example.order",
    exitCode: 2,
  });
}
