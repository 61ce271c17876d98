import { expect, test } from "vitest";
import { unusedVariables } from "./unused-env.ts";

test("a variable that changes nothing here is named, with what to do instead", () => {
  const told = unusedVariables({ MANAGER_PLUGIN_DIR: "/plugins", MANAGER_HTTP_SERVER_CERT: "/tls.crt" });
  expect(told).toEqual([
    expect.stringMatching(/^MANAGER_PLUGIN_DIR is set, and not used: .*prop token create/),
    expect.stringMatching(/^MANAGER_HTTP_SERVER_CERT is set, and not used: .*plain HTTP/),
  ]);
});

test("what is empty, off or known is not worth a line", () => {
  const env = {
    MANAGER_PLUGIN_DIR: "",
    MANAGER_MQTT_TLS_INSECURE_SKIP_VERIFY: "false",
    MANAGER_HTTP_PORT: "1",
  };
  expect(unusedVariables(env)).toEqual([]);
});
