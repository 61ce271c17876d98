/** What each role may publish and subscribe to on a channel (wire contract, section 1). */
import { coversFilter } from "../protocol/topic-filter.ts";
import type { Role } from "./credentials.ts";

export interface Access {
  mayPublish(topic: string): boolean;
  maySubscribe(filter: string): boolean;
}

/**
 * The access of an entity. A proplet sends its own reports and hears broadcasts and what is addressed to it, never
 * a filter that would bring another proplet's commands; a manager does everything on the channel and in `fl/`; a
 * client listens to the channel.
 *
 * @param baseTopic `m/{domain}/c/{channel}`
 */
export function accessOf(role: Role, id: string, baseTopic: string): Access {
  const { publish, subscribe } = rulesOf(role, id, baseTopic);
  return {
    mayPublish: (topic) => publish.some((rule) => coversFilter(rule, topic)),
    maySubscribe: (filter) => subscribe.some((rule) => coversFilter(rule, filter)),
  };
}

function rulesOf(role: Role, id: string, base: string): { publish: string[]; subscribe: string[] } {
  switch (role) {
    case "manager":
      return { publish: [`${base}/#`, "fl/#"], subscribe: [`${base}/#`, "fl/#"] };
    case "proplet":
      return {
        publish: [`${base}/control/proplet/#`, `${base}/registry/proplet`, "fl/#"],
        subscribe: [
          `${base}/control/manager/+`,
          `${base}/control/manager/+/${id}`,
          `${base}/registry/server`,
          `${base}/registry/server/${id}`,
        ],
      };
    case "client":
      return { publish: [], subscribe: [`${base}/#`] };
  }
}

/** Whether an id can stand in a topic as a level of its own; one that can't would widen the rules above. */
export function isTopicLevel(id: string): boolean {
  return id !== "" && !/[/+#\0]/.test(id);
}
