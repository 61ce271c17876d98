/** What a proplet is: what it announced, joined with what was declared of it. */
import type { Proplet } from "../../model/proplet.ts";

export interface Traits {
  type: "k8s" | "external";
  deviceType?: string;
  capabilities?: string[];
  tags?: string[];
}

export function traitsOf({ capacity, declared, metadata }: Proplet): Traits {
  const deviceType = declared?.device_type ?? capacity?.device_type;
  const capabilities = joined(capacity?.capabilities, declared?.capabilities);
  const tags = joined(metadata.tags, declared?.tags);
  return {
    type: capacity?.proplet_type ?? "external",
    ...(deviceType === undefined ? {} : { deviceType }),
    ...(capabilities.length === 0 ? {} : { capabilities }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

function joined(announced: string[] = [], declared: string[] = []): string[] {
  return [...new Set([...announced, ...declared])];
}
