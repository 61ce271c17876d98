/** The flags of a manager's HTTP side: where it listens, who may ask, and whom it asks itself. */
import { Flags } from "@oclif/core";
import { PropError } from "../errors.ts";

const authKinds = ["token", "none"] as const;

const group = { helpGroup: "HTTP" };

export const httpFlags = {
  "http-host": Flags.string({
    description: "Address that the HTTP API listens on.",
    env: "MANAGER_HTTP_HOST",
    default: "127.0.0.1",
    ...group,
  }),
  "http-port": Flags.integer({
    description: "Port of the HTTP API; 0 for any free one.",
    env: "MANAGER_HTTP_PORT",
    default: 7070,
    min: 0,
    max: 65_535,
    ...group,
  }),
  auth: Flags.option({ options: authKinds })({
    description:
      "Whether the API asks for tokens (default: none where it listens on this machine only, else token).",
    env: "MANAGER_AUTH",
    ...group,
  }),
  "rate-limit": Flags.integer({
    description:
      "Requests a second of one token or address; 0 for no limit (default: 0 where it listens on this machine only, else 1000).",
    env: "MANAGER_RATE_LIMIT",
    min: 0,
    ...group,
  }),
  "coordinator-url": Flags.string({
    description: "Coordinator of federated learning, which requests to /fl go to.",
    env: "MANAGER_COORDINATOR_URL",
    ...group,
  }),
};

export interface HttpFlags {
  "http-host": string;
  "http-port": number;
  auth?: (typeof authKinds)[number] | undefined;
  "rate-limit"?: number | undefined;
  "coordinator-url"?: string | undefined;
}

/** What the flags mean. An empty URL is none. @throws PropError `COORDINATOR_URL_INVALID` */
export function httpSettings(flags: HttpFlags) {
  const { "http-host": host, "http-port": port, auth, "rate-limit": requestsPerSecond } = flags;
  const coordinatorUrl = flags["coordinator-url"];
  if (coordinatorUrl) checkUrl(coordinatorUrl);
  return {
    http: {
      host,
      port,
      ...(auth === undefined ? {} : { auth }),
      ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
    },
    ...(coordinatorUrl ? { coordinatorUrl } : {}),
  };
}

function checkUrl(text: string): void {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return;
  throw new PropError({
    code: "COORDINATOR_URL_INVALID",
    message: `"${text}" is not the URL of a coordinator`,
    hint: "write it like http://coordinator.example:8080",
    exitCode: 2,
  });
}
