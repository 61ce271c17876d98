/** Topics and topic filters as MQTT 3.1.1, section 4.7, defines them. */
import { PropError } from "../errors.ts";

/** Whether a filter holds `+` or `#`. */
export function isWildcard(filter: string): boolean {
  return filter.includes("+") || filter.includes("#");
}

/** Whether a filter's first level is a wildcard, which never reaches topics that begin with `$` (MQTT-4.7.2-1). */
export function startsWithWildcard(filter: string): boolean {
  return filter.startsWith("+") || filter.startsWith("#");
}

/** Whether a message on `topic` belongs to a subscription on `filter`. */
export function matchesFilter(filter: string, topic: string): boolean {
  if (topic.startsWith("$") && startsWithWildcard(filter)) return false;
  return coversLevels(filter.split("/"), topic.split("/"));
}

/** Whether every topic that `narrow` matches is matched by `wide` too: what an access rule has to know. */
export function coversFilter(wide: string, narrow: string): boolean {
  if (narrow.startsWith("$") && startsWithWildcard(wide)) return false;
  return coversLevels(wide.split("/"), narrow.split("/"));
}

function coversLevels(wide: readonly string[], narrow: readonly string[]): boolean {
  for (const [index, level] of wide.entries()) {
    if (level === "#") return true;
    const other = narrow[index];
    if (other === undefined || other === "#") return false;
    if (level !== "+" && level !== other) return false;
  }
  return wide.length === narrow.length;
}

/** @throws PropError `TOPIC_INVALID` where nothing can be published on `topic`. */
export function checkTopic(topic: string): void {
  if (isSendable(topic) && !isWildcard(topic)) return;
  throw new PropError({
    code: "TOPIC_INVALID",
    message: `topic "${topic}" is not one that a message can be published on`,
    hint: "a topic is not empty, has no + and no # and at most 65,535 bytes; look at the ids it is made of",
    exitCode: 2,
  });
}

/** @throws PropError `TOPIC_INVALID` where `filter` is no topic filter. */
export function checkFilter(filter: string): void {
  const levels = filter.split("/");
  const isWellFormed = levels.every(
    (level, index) => level === "+" || (level === "#" && index === levels.length - 1) || !isWildcard(level),
  );
  if (isWellFormed && isSendable(filter)) return;
  throw new PropError({
    code: "TOPIC_INVALID",
    message: `"${filter}" is not a topic filter`,
    hint: "+ stands for one whole level, # for all that follow and only at the end",
    exitCode: 2,
  });
}

function isSendable(text: string): boolean {
  return text !== "" && !text.includes("\0") && Buffer.byteLength(text) <= 65_535;
}
