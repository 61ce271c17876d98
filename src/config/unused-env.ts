/** Variables that existing deployments set and this manager has no use for: whoever counts on them has to know. */

type Environment = Readonly<Record<string, string | undefined>>;

const ENDS_TLS = "the API speaks plain HTTP: let a proxy in front of it speak TLS";
const UNUSED: Readonly<Record<string, string>> = {
  MANAGER_PLUGIN_DIR: "plugins are not run: what they allowed or refused is for tokens (prop token create)",
  MANAGER_HTTP_SERVER_CERT: ENDS_TLS,
  MANAGER_HTTP_SERVER_KEY: ENDS_TLS,
  MANAGER_MQTT_TLS_INSECURE_SKIP_VERIFY:
    "the broker's certificate is checked: name who signed it in MANAGER_MQTT_TLS_CA_CERT",
  MANAGER_STORAGE_TYPE: "what the manager remembers is in its data folder (MANAGER_DATA)",
  MANAGER_OTEL_URL: "no traces are sent: metrics are at GET /metrics",
};
const SETS_NOTHING = /^(?:|false|0)$/i;

/** A line for each of them that is set to something. */
export function unusedVariables(env: Environment): string[] {
  return Object.entries(UNUSED).flatMap(([name, why]) =>
    SETS_NOTHING.test(env[name] ?? "") ? [] : [`${name} is set, and not used: ${why}`],
  );
}
